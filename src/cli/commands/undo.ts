import { GantryError, isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import { sinceMoment } from '../audit-times.ts';
import type { Command } from '../command.ts';
import { rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';

const usage =
  'undo [PLAN [ITEM]] --tenant SLUG [--agent NAME] [--since SPAN] [--conflicts refuse|leave|overwrite] [--reason TEXT] [--dry-run] [--commit] [--json]';

/** Of a plan or one write of it, or of what an agent (or all) wrote since a time. */
export const undo: Command = {
  name: 'undo',
  usage,
  summary: 'prepare what takes back a plan, or what an agent wrote in --since 24h; --commit carries it out',
  run: async ({ args, env, out }) => {
    const options = {
      tenant: { type: 'string' },
      agent: { type: 'string' },
      since: { type: 'string' },
      conflicts: { type: 'string' },
      reason: { type: 'string' },
      'dry-run': { type: 'boolean' },
      commit: { type: 'boolean' },
      json: { type: 'boolean' },
    } as const;
    const read = readArguments(args, usage, options, 2);
    const tenant = encodeURIComponent(required(read, 'tenant', usage));
    const body = wishOf(read.positionals, read.values);
    const undos = rowsIn((await askServer(env, { method: 'POST', path: `/v1/tenants/${tenant}/undo`, body }))['undos']);
    const committed: JsonObject[] = [];
    for (const { plan_id: plan, status } of read.values['commit'] === true ? undos : []) {
      if (typeof plan !== 'string' || status !== 'prepared') continue;
      const path = `/v1/tenants/${tenant}/write-plans/${encodeURIComponent(plan)}/commit`;
      committed.push(await askServer(env, { method: 'POST', path, body: {} }));
    }
    if (read.values['json'] === true) out(JSON.stringify({ undos, committed }));
    else {
      if (undos.length === 0) out('Nothing was written that could be taken back.');
      for (const one of undos) for (const line of linesOf(one)) out(line);
      for (const one of committed) out(`${said(one['plan_id'])}: ${said(one['text'])}`);
    }
    return 0;
  },
};

function wishOf([plan, item]: readonly string[], values: { readonly [name: string]: Json | undefined }): JsonObject {
  const { agent, since, conflicts, reason } = values;
  if ((plan === undefined) === (since === undefined)) {
    throw new GantryError('bad_request', {
      message: 'Name either a plan, or a time with --since.',
      where: 'PLAN',
      fix: `Usage: gantry ${usage}`,
    });
  }
  const from = typeof since === 'string' ? sinceMoment(since).toISOString() : null;
  return {
    ...(plan === undefined ? {} : { plan }),
    ...(item === undefined ? {} : { item: Number(item) }),
    ...(typeof agent === 'string' ? { agent } : {}),
    ...(from === null ? {} : { since: from }),
    ...(typeof conflicts === 'string' ? { conflicts } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    dry_run: values['dry-run'] === true,
  };
}

function linesOf(one: JsonObject): string[] {
  const who = one['principal'] === null ? said(one['agent']) : `${said(one['agent'])} for ${said(one['principal'])}`;
  const report = Array.isArray(one['report']) ? (one['report'] as readonly Json[]) : [];
  const plan = one['plan_id'] === undefined ? 'no plan' : said(one['plan_id']);
  const decision = isJsonObject(one['decision']) ? ` (${said(one['decision']['kind'])})` : '';
  return [`${who}: ${plan}${decision}`, ...report.map((line) => `  ${said(line)}`)];
}

import type { JsonObject } from '../../kernel/index.ts';
import { readArguments, required, requiredWord } from '../arguments.ts';
import type { Command } from '../command.ts';
import { rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';

const listUsage = 'approvals [--tenant SLUG] [--plan ID] [--decided] [--json]';

export const approvals: Command = {
  name: 'approvals',
  usage: listUsage,
  summary: 'what waits for whose decision, the soonest due first; --decided: what is decided, too',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, {
      tenant: { type: 'string' },
      plan: { type: 'string' },
      decided: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    const query = new URLSearchParams();
    for (const name of ['tenant', 'plan']) {
      if (typeof read.values[name] === 'string') query.set(name, read.values[name]);
    }
    if (read.values['decided'] === true) query.set('decided', 'true');
    const body = await askServer(env, { method: 'GET', path: `/v1/approvals?${query.toString()}` });
    const rows = rowsIn(body['approvals']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('Nothing waits for a decision.');
    else for (const row of rows) out(lineOf(row));
    return 0;
  },
};

const showUsage = 'approvals show ID --tenant SLUG [--json]';

export const approvalsShow: Command = {
  name: 'approvals show',
  usage: showUsage,
  summary: 'what would be written, what was there before, why it waits, and who is asked',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, showUsage, { tenant: { type: 'string' }, json: { type: 'boolean' } }, 1);
    const shown = await askServer(env, { method: 'GET', path: pathOf(read, showUsage) });
    if (read.values['json'] === true) out(JSON.stringify(shown));
    else for (const line of linesOf(shown)) out(line);
    return 0;
  },
};

const decideUsage = 'approvals decide ID approve|deny|fine|object --tenant SLUG --seen HASH [--reason TEXT] [--json]';

export const approvalsDecide: Command = {
  name: 'approvals decide',
  usage: decideUsage,
  summary: 'approve or deny; of a review: fine or object. --seen: as `approvals show` says it; a no needs a reason',
  run: async ({ args, env, out }) => {
    const options = {
      tenant: { type: 'string' },
      seen: { type: 'string' },
      reason: { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    const read = readArguments(args, decideUsage, options, 2);
    const id = requiredWord(read, 'ID', decideUsage);
    const verdict = read.positionals[1] ?? '';
    const { seen, reason } = read.values;
    const done = await askServer(env, {
      method: 'POST',
      path: `/v1/approvals/${encodeURIComponent(id)}/decision`,
      body: {
        tenant: required(read, 'tenant', decideUsage),
        verdict,
        ...(seen === undefined ? {} : { seen: String(seen) }),
        ...(reason === undefined ? {} : { reason: String(reason) }),
      },
    });
    out(read.values['json'] === true ? JSON.stringify(done) : lineOf(done));
    return 0;
  },
};

const glassUsage = 'approvals break-glass PLAN --tenant SLUG --reason TEXT [--seen HASH]';

export const approvalsBreakGlass: Command = {
  name: 'approvals break-glass',
  usage: glassUsage,
  summary: 'let a plan go without the approvals that it needs (admin); somebody else reviews it within a day',
  run: async ({ args, env, out }) => {
    const options = { tenant: { type: 'string' }, reason: { type: 'string' }, seen: { type: 'string' } } as const;
    const read = readArguments(args, glassUsage, options, 1);
    const { seen } = read.values;
    const body = {
      plan: requiredWord(read, 'PLAN', glassUsage),
      tenant: required(read, 'tenant', glassUsage),
      reason: required(read, 'reason', glassUsage),
      ...(seen === undefined ? {} : { seen: String(seen) }),
    };
    await askServer(env, { method: 'POST', path: '/v1/broken-glass', body });
    out(`Plan ${body.plan} goes on. Somebody else reviews it afterwards: gantry approvals --tenant ${body.tenant}`);
    return 0;
  },
};

const delegateUsage = 'approvals delegate TO --until MOMENT [--from NAME] [--since MOMENT]';

export const approvalsDelegate: Command = {
  name: 'approvals delegate',
  usage: delegateUsage,
  summary: 'for a while somebody else may decide what is asked of you; an admin may arrange it --from another',
  run: async ({ args, env, out }) => {
    const options = { until: { type: 'string' }, since: { type: 'string' }, from: { type: 'string' } } as const;
    const read = readArguments(args, delegateUsage, options, 1);
    const { since, from } = read.values;
    const given = await askServer(env, {
      method: 'POST',
      path: '/v1/delegations',
      body: {
        to: requiredWord(read, 'TO', delegateUsage),
        until: required(read, 'until', delegateUsage),
        ...(since === undefined ? {} : { since: String(since) }),
        ...(from === undefined ? {} : { from: String(from) }),
      },
    });
    out(delegationLine(given));
    return 0;
  },
};

const delegationsUsage = 'approvals delegations [--end ID] [--json]';

export const approvalsDelegations: Command = {
  name: 'approvals delegations',
  usage: delegationsUsage,
  summary: 'who decides in whose place, until when; --end: end one before its time',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, delegationsUsage, { end: { type: 'string' }, json: { type: 'boolean' } });
    const { end } = read.values;
    if (typeof end === 'string') {
      await askServer(env, { method: 'DELETE', path: `/v1/delegations/${encodeURIComponent(end)}` });
      out(`Delegation ${end} has ended.`);
      return 0;
    }
    const rows = rowsIn((await askServer(env, { method: 'GET', path: '/v1/delegations' }))['delegations']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('Everybody decides for themselves.');
    else for (const row of rows) out(delegationLine(row));
    return 0;
  },
};

const pilotsUsage = 'approvals pilots --tenant SLUG [--days N] [--json]';

export const approvalsPilots: Command = {
  name: 'approvals pilots',
  usage: pilotsUsage,
  summary: 'agents on trial, and what became of what they wanted to write: the report to end a trial by',
  run: async ({ args, env, out }) => {
    const options = { tenant: { type: 'string' }, days: { type: 'string' }, json: { type: 'boolean' } } as const;
    const read = readArguments(args, pilotsUsage, options);
    const query = new URLSearchParams({ tenant: required(read, 'tenant', pilotsUsage) });
    if (typeof read.values['days'] === 'string') query.set('days', read.values['days']);
    const rows = rowsIn((await askServer(env, { method: 'GET', path: `/v1/pilots?${query.toString()}` }))['pilots']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('No agent is on trial.');
    else for (const line of rows.flatMap(pilotLines)) out(line);
    return 0;
  },
};

function pilotLines(row: JsonObject): string[] {
  const figures = ['proposed', 'asked_for', 'refused', 'approved', 'rejected', 'written', 'undone'];
  const surprises = Array.isArray(row['surprises']) ? row['surprises'].map(said) : [];
  return [
    `${said(row['pilot'])}: ${said(row['agent'])} in ${said(row['integration'])}, ${said(row['approver'])} decides, until ${said(row['until'])} (${said(row['state'])})`,
    `    ${figures.map((name) => `${name.replace('_', ' ')} ${said(row[name])}`).join(', ')}`,
    surprises.length === 0 ? '    no surprises' : `    surprises: ${surprises.join('; ')}`,
  ];
}

function pathOf(read: ReturnType<typeof readArguments>, usage: string): string {
  const tenant = encodeURIComponent(required(read, 'tenant', usage));
  return `/v1/approvals/${encodeURIComponent(requiredWord(read, 'ID', usage))}?tenant=${tenant}`;
}

function lineOf(row: JsonObject): string {
  const asked = Array.isArray(row['asked_of']) ? row['asked_of'].map(said).join(' or ') : 'any approver';
  const by = said(row['decided_by']);
  const when = by === '' ? `due ${said(row['due_at'])}, asked of ${asked}` : `by ${by} at ${said(row['decided_at'])}`;
  return `#${said(row['id'])}  ${said(row['tenant'])}  ${said(row['kind'])}  ${said(row['state'])}  ${said(row['title'])}  ${when}  [${said(row['plan'])}]`;
}

function linesOf(shown: JsonObject): string[] {
  const texts = (name: string): string[] => (Array.isArray(shown[name]) ? shown[name].map(said) : []);
  const changes = rowsIn(shown['changes']).flatMap((change) => [
    `    ${said(change['system'])}: ${said(change['operation'])} ${said(change['object'])} ${said(change['record'])}`,
    ...rowsIn(change['fields']).map(
      (field) => `      ${said(field['field'])}: ${said(field['before'])} -> ${said(field['after'])}`,
    ),
  ]);
  const words = said(shown['agent_says']);
  return [
    lineOf(shown),
    ...changes,
    ...(shown['more_changes'] === 0 ? [] : [`    and ${said(shown['more_changes'])} more`]),
    ...[...texts('side_effects'), ...texts('preconditions'), ...texts('warnings')].map((text) => `    ${text}`),
    ...texts('because').map((text) => `    why: ${text}`),
    ...(words === '' ? [] : [`    the agent's own words: "${words}"`]),
    `    --seen ${said(shown['seen'])}`,
  ];
}

const delegationLine = (row: JsonObject): string =>
  `#${said(row['id'])}  ${said(row['to'])} decides for ${said(row['from'])} from ${said(row['since'])} until ${said(row['until'])}`;

import { isJsonObject, systemClock, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required, requiredWord } from '../arguments.ts';
import type { Command } from '../command.ts';
import { text } from '../connection-text.ts';
import { askServer } from '../operator-client.ts';
import { userName } from '../user-name.ts';

const usage = 'tenant offboard SLUG --confirm SLUG [--note TEXT] [--no-wait]';

/** Follows it to its end: it goes on without us, too. */
export const tenantOffboard: Command = {
  name: 'tenant offboard',
  usage,
  summary: 'remove a customer with everything of it, and print the proof; nothing brings it back',
  run: async ({ args, env, out }) => {
    const read = readArguments(
      args,
      usage,
      { confirm: { type: 'string' }, note: { type: 'string' }, 'no-wait': { type: 'boolean' } },
      1,
    );
    const { note } = read.values;
    const body = {
      tenant: requiredWord(read, 'SLUG', usage),
      confirm: required(read, 'confirm', usage),
      by: userName(),
      ...(typeof note === 'string' ? { note } : {}),
    };
    let answer = await askServer(env, { method: 'POST', path: '/v1/offboardings', body });
    while (answer['state'] !== 'done' && read.values['no-wait'] !== true) {
      await systemClock.sleep(1_000);
      answer = await askServer(env, { method: 'GET', path: `/v1/offboardings/${text(answer['offboarding'])}` });
    }
    out(JSON.stringify(proofOf(answer)));
    return 0;
  },
};

const listUsage = 'tenant offboardings [--show NUMBER]';

export const tenantOffboardings: Command = {
  name: 'tenant offboardings',
  usage: listUsage,
  summary: 'customers that left or are leaving; --show: the proof of one, as JSON',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, { show: { type: 'string' } });
    const { show } = read.values;
    if (typeof show === 'string') {
      const path = `/v1/offboardings/${encodeURIComponent(show)}`;
      out(JSON.stringify(proofOf(await askServer(env, { method: 'GET', path }))));
      return 0;
    }
    const body = await askServer(env, { method: 'GET', path: '/v1/offboardings' });
    const rows = (body['offboardings'] as Json[]).filter(isJsonObject);
    if (rows.length === 0) out('There are none.');
    for (const row of rows) {
      const when = text(row['ended_at'] ?? row['state_since']);
      out(
        `${text(row['offboarding'])}  ${text(row['tenant'])}  ${text(row['state'])}  ${when}  by ${text(row['asked_by'])}`,
      );
    }
    return 0;
  },
};

/** With its hash beside it; before the end, how far it is. */
const proofOf = (answer: JsonObject): JsonObject =>
  isJsonObject(answer['proof']) ? { proof: answer['proof'], sha256: answer['proof_sha256'] ?? null } : answer;

import type { JsonObject } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { askServer } from '../operator-client.ts';

interface Action {
  readonly verb: 'status' | 'rebuild' | 'snapshot';
  readonly summary: string;
  readonly say: (answer: JsonObject) => string;
}

/** Asks the running server, which sends it on to the process that holds the tenant's file. */
function lensCommand({ verb, summary, say }: Action): Command {
  const usage = `lens ${verb} --tenant SLUG [--json]`;
  return {
    name: `lens ${verb}`,
    usage,
    summary,
    run: async ({ args, env, out }) => {
      const read = readArguments(args, usage, { tenant: { type: 'string' }, json: { type: 'boolean' } });
      const base = `/v1/tenants/${encodeURIComponent(required(read, 'tenant', usage))}/lens`;
      const answer =
        verb === 'status'
          ? await askServer(env, { method: 'GET', path: base })
          : await askServer(env, { method: 'POST', path: `${base}/${verb}` });
      out(read.values['json'] === true ? JSON.stringify(answer) : say(answer));
      return 0;
    },
  };
}

const number = (value: unknown): string => (typeof value === 'number' ? value.toLocaleString('en') : '?');
const megabytes = (bytes: unknown): string => (typeof bytes === 'number' ? `${(bytes / 2 ** 20).toFixed(1)} MB` : '?');

const state = ({ rows, objects, behind, loading, file_bytes: bytes }: JsonObject): string =>
  `${number(rows)} records of ${number(objects)} objects, ${megabytes(bytes)}; ` +
  (behind === 0 ? 'up to date' : `${number(behind)} changes behind`) +
  (loading === 0 ? '' : `; first load of ${number(loading)} objects under way`);

export const lensStatus = lensCommand({
  verb: 'status',
  summary: 'what the local copy of a tenant holds, and how far it is behind the database',
  say: state,
});

export const lensRebuild = lensCommand({
  verb: 'rebuild',
  summary: 'build the local copy of a tenant anew; the present one answers meanwhile',
  say: (answer) => `Built. ${state(answer)}`,
});

export const lensSnapshot = lensCommand({
  verb: 'snapshot',
  summary: 'keep a copy of the file for processes that have none (GANTRY_LENS_SNAPSHOTS)',
  say: ({ seq, file_bytes: bytes, ms }) => `Kept: change ${number(seq)}, ${megabytes(bytes)}, in ${number(ms)} ms.`,
});

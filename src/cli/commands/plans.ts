import { GantryError, isJsonObject, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { givenQuery } from '../list-query.ts';
import { counted, rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';

const listUsage = 'plans --tenant SLUG [--agent NAME] [--state STATE] [--limit N] [--json]';

export const plans: Command = {
  name: 'plans',
  usage: listUsage,
  summary: 'writes that agents prepared, newest first, and what became of them',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, {
      tenant: { type: 'string' },
      agent: { type: 'string' },
      state: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean' },
    });
    const tenant = required(read, 'tenant', listUsage);
    const path = `/v1/tenants/${encodeURIComponent(tenant)}/write-plans?${givenQuery(read, ['agent', 'state', 'limit'])}`;
    const rows = rowsIn((await askServer(env, { method: 'GET', path }))['plans']);
    if (read.values['json'] === true) out(JSON.stringify(rows));
    else if (rows.length === 0) out('There are no plans.');
    else for (const row of rows) out(lineOf(row));
    return 0;
  },
};

const showUsage = 'plans show ID --tenant SLUG [--from ITEM] [--json]';

export const plansShow: Command = {
  name: 'plans show',
  usage: showUsage,
  summary: 'one plan: what it changes, what it is worth, who has to agree, what became of each write',
  run: async ({ args, env, out }) => {
    const options = { tenant: { type: 'string' }, from: { type: 'string' }, json: { type: 'boolean' } } as const;
    const read = readArguments(args, showUsage, options, 1);
    const query = new URLSearchParams(read.values['from'] === undefined ? {} : { from: String(read.values['from']) });
    const plan = await askServer(env, { method: 'GET', path: `${pathOf(read, showUsage)}?${query.toString()}` });
    if (read.values['json'] === true) out(JSON.stringify(plan));
    else for (const line of planLines(plan)) out(line);
    return 0;
  },
};

const withdrawUsage = 'plans withdraw ID --tenant SLUG [--reason TEXT] [--json]';

export const plansWithdraw: Command = {
  name: 'plans withdraw',
  usage: withdrawUsage,
  summary: 'take back what was not sent yet',
  run: async ({ args, env, out }) => {
    const options = { tenant: { type: 'string' }, reason: { type: 'string' }, json: { type: 'boolean' } } as const;
    const read = readArguments(args, withdrawUsage, options, 1);
    const { reason } = read.values;
    const body = typeof reason === 'string' ? { reason } : {};
    const done = await askServer(env, { method: 'POST', path: `${pathOf(read, withdrawUsage)}/withdraw`, body });
    out(standingLine(read, done));
    return 0;
  },
};

const settleUsage =
  'plans settle ID ITEM --tenant SLUG --word applied|not_applied|send_again [--record ID] [--reason TEXT] [--json]';

export const plansSettle: Command = {
  name: 'plans settle',
  usage: settleUsage,
  summary: 'say what became of a write that nobody can tell of by reading, or send a failed one again',
  run: async ({ args, env, out }) => {
    const options = {
      tenant: { type: 'string' },
      word: { type: 'string' },
      record: { type: 'string' },
      reason: { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    const read = readArguments(args, settleUsage, options, 2);
    const item = read.positionals[1];
    if (item === undefined) throw missing('ITEM', settleUsage);
    const { record, reason } = read.values;
    const body: JsonObject = {
      word: required(read, 'word', settleUsage),
      ...(typeof record === 'string' ? { record } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
    };
    const path = `${pathOf(read, settleUsage)}/writes/${encodeURIComponent(item)}/settle`;
    const done = await askServer(env, { method: 'POST', path, body });
    out(standingLine(read, done));
    return 0;
  },
};

const takeBackUsage = 'plans take-back ID STEP --tenant SLUG --word again|leave|leave_all [--reason TEXT] [--json]';

export const plansTakeBack: Command = {
  name: 'plans take-back',
  usage: takeBackUsage,
  summary: 'say what is to be done with a step that could not be taken back: compare again, or leave what stands there',
  run: async ({ args, env, out }) => {
    const options = {
      tenant: { type: 'string' },
      word: { type: 'string' },
      reason: { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    const read = readArguments(args, takeBackUsage, options, 2);
    const step = read.positionals[1];
    if (step === undefined) throw missing('STEP', takeBackUsage);
    const { reason } = read.values;
    const body: JsonObject = {
      word: required(read, 'word', takeBackUsage),
      ...(typeof reason === 'string' ? { reason } : {}),
    };
    const path = `${pathOf(read, takeBackUsage)}/steps/${encodeURIComponent(step)}/take-back`;
    const done = await askServer(env, { method: 'POST', path, body });
    out(standingLine(read, done));
    return 0;
  },
};

function pathOf(read: ReturnType<typeof readArguments>, usage: string): string {
  const [id] = read.positionals;
  if (id === undefined) throw missing('ID', usage);
  const tenant = required(read, 'tenant', usage);
  return `/v1/tenants/${encodeURIComponent(tenant)}/write-plans/${encodeURIComponent(id)}`;
}

const missing = (what: string, usage: string): GantryError =>
  new GantryError('bad_request', {
    message: `The ${what} is missing.`,
    where: what,
    fix: `\`gantry plans\` lists them. Usage: gantry ${usage}`,
  });

function lineOf(row: JsonObject): string {
  const { plan, title, agent, principal, state, records, created_at: at } = row;
  const who = principal === null ? said(agent) : `${said(agent)} for ${said(principal)}`;
  return `${said(plan)}  ${said(state)}  ${said(title)} (${counted(records, 'record')}), by ${who}, ${said(at)}`;
}

function planLines(plan: JsonObject): string[] {
  const impact = isJsonObject(plan['impact']) ? plan['impact'] : {};
  const decision = isJsonObject(plan['decision']) ? plan['decision'] : {};
  const because = Array.isArray(decision['because']) ? (decision['because'] as readonly string[]) : [];
  const worth = impact['amount'] === null ? 'nobody can tell' : `${said(impact['amount'])} ${said(impact['currency'])}`;
  return [
    `${said(plan['plan_id'])}  ${said(plan['title'])}`,
    `  state     ${said(plan['status'])}: ${said(plan['text'])}`,
    `  by        ${said(plan['agent'])}${plan['principal'] === null ? '' : ` for ${said(plan['principal'])}`}`,
    ...(plan['reason'] === null ? [] : [`  reason    "${said(plan['reason'])}" (the agent's words)`]),
    `  worth     ${worth.trim()} (${said(impact['why'])})`,
    `  decision  ${said(decision['kind'])}${because.length === 0 ? '' : `: ${because.join('; ')}`}`,
    ...rowsIn(plan['problems']).map(({ at, message }) => `  problem   ${said(at)}: ${said(message)}`),
    ...rowsIn(plan['changes']).flatMap(changeLines),
    ...(plan['next'] === undefined || !said(plan['next']).startsWith('gantry://')
      ? []
      : ['  more      --from shows the others']),
  ];
}

function changeLines({ item, operation, ref, in: place, label, fields }: JsonObject): string[] {
  const name = label === undefined ? '' : ` "${said(label)}"`;
  const changed = isJsonObject(fields) ? Object.entries(fields) : [];
  return [
    `  [${said(item)}] ${said(operation)} ${said(ref ?? place)}${name}`,
    ...changed.map(([field, change]) => {
      const { from, to } = isJsonObject(change) ? change : {};
      return `      ${field}: ${from === undefined ? '(hidden)' : said(from) || 'nothing'} -> ${said(to) || 'nothing'}`;
    }),
  ];
}

/** How a plan stands after a person's word on it. */
const standingLine = ({ values }: ReturnType<typeof readArguments>, done: JsonObject): string =>
  values['json'] === true ? JSON.stringify(done) : `${said(done['status'])}: ${said(done['text'])}`;

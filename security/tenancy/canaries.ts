import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../../src/kernel/index.ts';
import { ask } from '../stage/ask.ts';
import type { SecurityStage } from '../stage/security-stage.ts';

export type Side = 'acme' | 'globex';

/** What one customer has that the other must never hear of. */
export interface Property {
  readonly side: Side;
  /** Stands in its records and in what operators made for it. */
  readonly canary: string;
  readonly account: string;
  readonly ticket: string;
  readonly subscription: string;
  readonly connectToken: string;
  readonly cursor: string;
  readonly principal: string;
}

const ARRIVES_MS = 120_000;

/** Puts canaries into the customer's systems, has them read, and makes one of everything that has an id. */
export async function propertyOf(stage: SecurityStage, side: Side): Promise<Property> {
  const canary = `ZQ${side.toUpperCase()}CANARY`;
  const [accounts, name] = side === 'acme' ? ['crm', 'Account'] : ['erp', 'res.partner'];
  const who = `${side}/renewals-copilot` as const;
  const rows = (object: string, fields: readonly string[]): Promise<readonly (readonly Json[])[]> =>
    stage.rows(who, 'query_records', { object, fields, limit: 2, sort: [{ field: fields[0] }] });
  const [account] = await rows('account', ['crm_id']);
  const [ticket] = await rows('ticket', ['ticket_id']);
  const system = (slug: string) => {
    const found = stage[side].systems.get(slug);
    if (found === undefined) throw new Error(`${side} has no ${slug}`);
    return found;
  };
  const key = side === 'acme' ? 'Name' : 'name';
  await system(accounts).mutate({
    op: 'update',
    object: name,
    id: String(account?.[0]),
    fields: { [key]: `${canary} AG` },
  });
  await system('support').mutate({
    op: 'update',
    object: 'tickets',
    id: String(ticket?.[0]),
    fields: { subject: `${canary} does not print` },
  });
  await system('support').control('POST', 'clock', { advanceMs: 61_000 });
  await stage[side].operator.sync(accounts);
  await stage[side].operator.sync('support', ['tickets']);
  for (const [object, field] of [
    ['account', 'name'],
    ['ticket', 'subject'],
  ] as const) {
    await until(async () => {
      const filter = { [field]: { starts_with: canary } };
      const found = await stage.call(who, 'query_records', { object, filter, fields: [field] });
      return JSON.stringify(found.content['rows'] ?? []).includes(canary);
    }, `${canary} in ${object}`);
  }
  const make = async (path: string, body: object): Promise<Json> => {
    const made = await ask(stage, stage.operatorKey, 'POST', path, { tenant: side, ...body });
    if (made.status >= 300) throw new Error(`${path}: ${made.text}`);
    return made.body;
  };
  // Numbers are counted per customer: of four, each keeps one whose number the other has not.
  const made: string[] = [];
  for (let at = 0; at < 4; at += 1) {
    const wish = { agent: 'renewals-copilot', object: 'account', url: 'https://receiver.example/hook', note: canary };
    made.push(idIn(await make('/v1/subscriptions', wish)));
  }
  const kept = (side === 'acme' ? made[0] : made[3]) ?? '';
  for (const id of made.filter((each) => each !== kept)) {
    await ask(stage, stage.operatorKey, 'DELETE', `/v1/subscriptions/${id}?tenant=${side}`);
  }
  await make('/v1/connect-tokens', { integration: accounts, by: canary });
  const tokens = await ask(stage, stage.operatorKey, 'GET', `/v1/connect-tokens?tenant=${side}`);
  const principal = `${canary.toLowerCase()}@users.example`;
  await make('/v1/principals', { principal, connection: accounts, source_user: canary, source_name: canary });
  const page = await stage.call(who, 'query_records', { object: 'account', fields: ['name'], limit: 1 });
  return {
    side,
    canary,
    account: String(account?.at(-1)),
    ticket: String(ticket?.at(-1)),
    subscription: kept,
    connectToken: idIn(tokens.body),
    cursor: String(page.content['next_cursor']),
    principal,
  };
}

/** The first member of an answer that is an id. */
function idIn(body: Json): string {
  const id = inside(['', body]).find(
    ([name, value]) => name === 'id' && (typeof value === 'string' || typeof value === 'number'),
  )?.[1];
  if (id === undefined) throw new Error(`no id in ${JSON.stringify(body).slice(0, 300)}`);
  return String(id);
}

const inside = ([name, value]: readonly [string, Json]): (readonly [string, Json])[] =>
  typeof value === 'object' && value !== null ? Object.entries(value).flatMap(inside) : [[name, value]];

export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + ARRIVES_MS;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what}: it does not come`);
    await sleep(200);
  }
}

import { isJsonObject, type Json } from '../../src/kernel/index.ts';
import { ask } from '../stage/ask.ts';
import type { SecurityStage } from '../stage/security-stage.ts';
import { openTrap } from '../ssrf/trap.ts';
import { newTally, type Suite, type Tally } from '../suite.ts';
import { EACH, kinds, numberOf } from './carriers.ts';
import { errorTexts } from './error-texts.ts';
import { orders, type Order } from './orders.ts';
import { readEverything } from './reader.ts';
import { obeyedWrites } from './writing/obeyed-writes.ts';

/** An agent that does whatever it reads does nothing beyond its grant, and writes nothing without the approval that policy asks for. */
export const injection: Suite = {
  name: 'injection',
  what: 'orders in records, labels, values, file names and error texts, and an agent that obeys them all',
  run: async ({ stage: open, impatient }) => {
    const tally = newTally({ impatient });
    const stage = await open();
    const trap = await openTrap();
    try {
      const secrets = await secretsOf(stage);
      const before = await configuration(stage);
      const ledgers = await effects(stage);
      const heard = await readEverything(stage);
      const given = orders(`http://127.0.0.1:${String(trap.port)}`);
      for (const [at, kind] of kinds.entries()) {
        if (kind === 'error_text') continue;
        for (let number = 0; number < EACH; number += 1) {
          const mark = numberOf(kind, number);
          tally.check(heard.has(mark), () => `${kind} ${String(number)} was never read, so nothing was tried with it`);
          const order = given[(at * EACH + number) % given.length];
          if (order !== undefined && heard.has(mark)) await obey(stage, tally, secrets, order, kind);
        }
      }
      tally.check(trap.reached() === 0, () => 'the attacker was called');
      const after = await configuration(stage);
      for (const [path, text] of Object.entries(before)) {
        tally.check(
          after[path] === text,
          () => `${path} is another: ${text.slice(0, 200)} and now ${after[path]?.slice(0, 200) ?? ''}`,
        );
      }
      const now = await effects(stage);
      await errorTexts(stage, tally, heard);
      tally.check(
        now === ledgers,
        () => `a system was written to: ${String(ledgers)} effects of calls, now ${String(now)}`,
      );
    } finally {
      trap.close();
    }
    await obeyedWrites(tally);
    return tally.result();
  },
};

/** Carries the order out with the restricted agent's key, over the door that it asks for. */
async function obey(
  stage: SecurityStage,
  tally: Tally,
  secrets: readonly string[],
  order: Order,
  kind: string,
): Promise<void> {
  const { status, text } =
    order.kind === 'tool'
      ? await stage
          .call('acme/thief', order.tool, order.args)
          .then(({ failed, content }) => ({ status: failed ? 400 : 200, text: JSON.stringify(content) }))
          .catch((error: unknown) => ({ status: 404, text: String(error) }))
      : await ask(
          stage,
          { bearer: stage.keys['acme/thief'], headers: order.headers ?? {} },
          order.method,
          order.path,
          order.body,
        );
  const told = secrets.filter((secret) => text.includes(secret));
  tally.check(told.length === 0, () => `${kind}: ${JSON.stringify(order)} tells ${told.slice(0, 3).join(', ')}`);
  const acts = order.kind === 'rest' && !/^\/v1\/(query|events)/.test(order.path);
  tally.check(
    !acts || [401, 403, 404].includes(status),
    () => `${kind}: ${JSON.stringify(order)} is done: ${String(status)} ${text.slice(0, 200)}`,
  );
}

/** What the restricted agent's grant hides, and what another customer has. */
async function secretsOf(stage: SecurityStage): Promise<readonly string[]> {
  const names = async (who: 'acme/renewals-copilot' | 'globex/renewals-copilot', filter: object): Promise<string[]> => {
    const rows = await stage.rows(who, 'query_records', { object: 'account', filter, fields: ['name'], limit: 200 });
    return rows.map(([name]: readonly Json[]) => String(name));
  };
  const hidden = [
    ...(await names('acme/renewals-copilot', { status: ['churned', 'at_risk'] })),
    ...(await names('globex/renewals-copilot', {})),
  ];
  const shown = (await names('acme/renewals-copilot', { status: ['active', 'prospect'] })).join('\n');
  const secrets = hidden.filter((name) => name.length > 6 && !shown.includes(name));
  if (secrets.length < 50) throw new Error('hardly anything is hidden');
  return secrets;
}

const configured = [
  '/v1/revisions',
  '/v1/tenants/acme/overlay',
  '/v1/subscriptions?tenant=acme',
  '/v1/connect-tokens?tenant=acme',
  '/v1/operators',
  '/v1/local-users?tenant=acme',
  '/v1/principals?tenant=acme',
  '/v1/agents',
  '/v1/deleted-connections?tenant=acme',
  '/v1/subscriptions?tenant=globex',
];

async function configuration(stage: SecurityStage): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const path of configured) {
    const { status, text } = await ask(stage, stage.operatorKey, 'GET', path);
    if (status !== 200) throw new Error(`${path}: ${text}`);
    found[path] = text;
  }
  const { body } = await ask(stage, stage.operatorKey, 'GET', '/v1/connections?tenant=acme');
  const connections = isJsonObject(body) && Array.isArray(body['connections']) ? body['connections'] : [];
  found['connections'] = JSON.stringify(
    connections.map((item) => (isJsonObject(item) ? [item['connection'], item['integration'], item['state']] : item)),
  );
  return found;
}

interface LedgerEntry {
  readonly kind: string;
  readonly effects: readonly unknown[];
}

/** Changes that calls to acme's systems made; ours only read. */
async function effects(stage: SecurityStage): Promise<number> {
  let count = 0;
  for (const system of stage.acme.systems.values()) {
    const told = await system.control<{ entries?: readonly LedgerEntry[] } | readonly LedgerEntry[]>(
      'GET',
      'ledger?limit=1000000',
    );
    const entries = Array.isArray(told)
      ? (told as readonly LedgerEntry[])
      : ((told as { entries?: readonly LedgerEntry[] }).entries ?? []);
    count += entries.filter((entry) => entry.kind === 'call').flatMap((entry) => entry.effects).length;
  }
  return count;
}

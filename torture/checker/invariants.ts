import { readFileSync } from 'node:fs';
import type { Exchange } from '../proxy/exchange.ts';
import type { ProxyState } from '../stage/proxy-process.ts';
import { canaryOf, type Facts, type SystemFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import { effectsOf } from './ledger.ts';
import type { Replica } from './replica.ts';

/** I2: what the changes say came back must have been brought back at the provider. */
export async function resurrections(facts: Facts, replica: Replica): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const tenant of Object.keys(facts.keys)) {
    const restored = new Set<string>();
    for (const system of facts.systems.filter((each) => each.tenant === tenant)) {
      for (const { op, object, id } of await effectsOf(system)) if (op === 'undelete') restored.add(`${object} ${id}`);
    }
    for (const { object, id } of await replica.risen(tenant)) {
      if (restored.has(`${object} ${id}`)) continue;
      found.push({ invariant: 'I2', tenant, object, id, what: `${object} ${id} came back after it was deleted` });
    }
  }
  return found;
}

/** I2: each version of a record differs from the one before, or others would be told of changes that never were. */
export async function idleVersions(facts: Facts, replica: Replica): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const tenant of Object.keys(facts.keys)) {
    const [first] = await replica.idle(tenant);
    if (first === undefined) continue;
    const { object, id, version } = first;
    const what = `version ${String(version)} of ${object} ${id} is what it was before`;
    found.push({ invariant: 'I2', tenant, object, id, what });
  }
  return found;
}

/** I6: what was written for one tenant stands nowhere among another's, nor in any log. */
export async function leaks(facts: Facts, replica: Replica): Promise<Finding[]> {
  const found: Finding[] = [];
  const logs = logTexts(facts);
  for (const tenant of Object.keys(facts.keys)) {
    const canary = canaryOf(tenant);
    for (const holder of await replica.holdersOf(canary)) {
      // Customers that the rehearsal added read the same system.
      if (holder !== tenant && holder in facts.keys)
        found.push({ invariant: 'I6', tenant, what: `${holder} has records of ${tenant}` });
    }
    for (const { name, text } of logs) {
      if (text.includes(canary))
        found.push({ invariant: 'I6', tenant, what: `the log of ${name} holds a value of ${tenant}` });
    }
  }
  return found;
}

/** I9: no token that a provider handed out, and no key of ours, stands unsealed in the database or in a log. */
export async function bareSecrets(facts: Facts, replica: Replica): Promise<Finding[]> {
  const secrets = [...Object.values(facts.keys), facts.operatorKey, ...facts.secrets];
  for (const system of facts.systems) {
    secrets.push(...(await proxyState(system)).tokens);
    for (const user of system.sandbox.health.users)
      if (user.apiKey !== undefined && user.apiKey !== '') secrets.push(user.apiKey);
    if (system.sandbox.app.clientSecret !== '') secrets.push(system.sandbox.app.clientSecret);
  }
  const found: Finding[] = [];
  for (const table of await replica.tablesWith(secrets))
    found.push({ invariant: 'I9', what: `table ${table} holds a secret` });
  for (const { name, text } of logTexts(facts)) {
    if (secrets.some((secret) => text.includes(secret)))
      found.push({ invariant: 'I9', what: `the log of ${name} holds a secret` });
  }
  return found;
}

/** How long a call that was on its way when the limit was said, or was about to be, counts as such. */
const ON_ITS_WAY_MS = 250;
const CLOCK_MS = 50;

/** I8: after a 429 that says until when, nobody asks that account earlier. */
export async function earlyCalls(facts: Facts): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const system of facts.systems) {
    const early = firstEarly((await proxyState(system)).exchanges);
    if (early === null) continue;
    const { tenant, integration } = system;
    found.push({
      invariant: 'I8',
      tenant,
      what: `${integration} was asked ${String(early.ms)} ms before it allowed to (${early.path})`,
    });
  }
  return found;
}

/** I8: no more calls in any span than were set for the account. */
export async function manyCalls(facts: Facts): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const limit of facts.limits) {
    const system = facts.systems.find(({ integration }) => integration === limit.integration);
    if (system === undefined) continue;
    const times = (await proxyState(system)).exchanges
      .filter(({ at, path }) => at >= limit.since && path.startsWith(limit.path))
      .map(({ at }) => at);
    const most = mostWithin(times, limit.windowMs);
    if (most <= limit.calls) continue;
    const what = `${limit.integration} was called ${String(most)} times within ${String(limit.windowMs / 1_000)} s, and ${String(limit.calls)} are allowed`;
    found.push({ invariant: 'I8', tenant: system.tenant, what });
  }
  return found;
}

/** `times`: in order. */
export function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  for (const [at, time] of times.entries()) {
    while (time - (times[first] ?? time) >= windowMs) first += 1;
    most = Math.max(most, at - first + 1);
  }
  return most;
}

export function firstEarly(exchanges: readonly Exchange[]): { readonly ms: number; readonly path: string } | null {
  for (const limited of exchanges) {
    const until = limited.limitedUntil;
    if (until === null) continue;
    const early = exchanges.find(
      ({ at, bearer }) => bearer === limited.bearer && at > limited.at + ON_ITS_WAY_MS && at < until - CLOCK_MS,
    );
    if (early !== undefined) return { ms: until - early.at, path: early.path };
  }
  return null;
}

async function proxyState({ proxyControl }: SystemFacts): Promise<ProxyState> {
  return (await (await fetch(`${proxyControl}/state`)).json()) as ProxyState;
}

function logTexts({ logs }: Facts): { readonly name: string; readonly text: string }[] {
  return logs.map(({ name, file }) => ({ name, text: readFileSync(file, 'utf8') }));
}

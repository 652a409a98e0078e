import { readFileSync } from 'node:fs';
import type { Accepted } from '../stage/writer.ts';
import { unapproved } from './approvals.ts';
import { brokenChain, untoldWrites, unverified } from './audit.ts';
import { forbiddenEffects, turnedWrites, wrongEffects } from './effects.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import type { Intent, Journal } from './intents.ts';
import { effectsOfCalls } from './ledger.ts';
import type { Truth } from './truth.ts';

/** What may never be, of writes: I3, I4, I5, I7, I11. */
export async function wrongWrites(facts: Facts, journal: Journal): Promise<Finding[]> {
  const tenants = Object.keys(facts.keys);
  const intents = await journal.intents(tenants);
  const found: Finding[] = [];
  for (const system of facts.systems) {
    const effects = await effectsOfCalls(system);
    found.push(...wrongEffects(system, intents, effects));
    found.push(...turnedWrites(system, intents, effects));
    found.push(...forbiddenEffects(facts, system, effects));
  }
  for (const tenant of tenants) {
    const lines = await journal.audit(tenant);
    found.push(...brokenChain(tenant, lines), ...(await unverified(facts, tenant)));
    found.push(...untoldWrites(tenant, intents, lines));
    found.push(...unapproved(tenant, intents, await journal.approvals(tenant)));
  }
  return [...found, ...(await forgotten(facts, journal)), ...undecided(intents)];
}

/** I3: what was accepted stays accepted. */
async function forgotten(facts: Facts, journal: Journal): Promise<Finding[]> {
  const found: Finding[] = [];
  const accepted = readFileSync(facts.accepted, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Accepted);
  for (const tenant of new Set(accepted.map((each) => each.tenant))) {
    const known = new Map((await journal.plans(tenant)).map(({ id, state }) => [id, state]));
    for (const { plan } of accepted.filter((each) => each.tenant === tenant)) {
      const state = known.get(plan);
      if (state === undefined || state === 'prepared')
        found.push({ invariant: 'I3', tenant, what: `${plan} was accepted, and is ${state ?? 'gone'}` });
    }
  }
  return found;
}

/** Reading tells of every class but one what became of it. */
const PROVEN: ReadonlySet<string> = new Set(['native_key', 'external_id', 'chosen_id', 'marker']);

/** I3: where the class allows proof, no person is asked. */
const undecided = (intents: readonly Intent[]): Finding[] =>
  intents
    .filter(({ state, dedupe }) => state === 'needs_human' && PROVEN.has(dedupe))
    .map(({ tenant, object, plan, item, dedupe }) => ({
      invariant: 'I3',
      tenant,
      object,
      what: `${plan}/${String(item)} (${dedupe}) waits for a person, and could be found`,
    }));

const OPEN: ReadonlySet<string> = new Set(['queued', 'sending', 'outcome_unknown', 'reconciling']);

/** What has not come to its end yet (I10), and what does not stand there yet. */
export async function unsettledWrites(
  facts: Facts,
  journal: Journal,
  truthOf: (integration: string) => Truth | undefined,
): Promise<Finding[]> {
  const found: Finding[] = (await journal.intents(Object.keys(facts.keys)))
    .filter(({ state }) => OPEN.has(state))
    .map(({ tenant, object, plan, item, state }) => ({
      invariant: 'I10',
      tenant,
      object,
      what: `${plan}/${String(item)} is ${state}`,
    }));
  for (const { integration, object, id, field, value, why } of facts.stands) {
    const is = (await truthOf(integration)?.read(object))?.get(id)?.[field];
    if (is === value) continue;
    found.push({ invariant: 'I4', object, id, what: `${object} ${id} has ${String(is)} and not ${value}: ${why}` });
  }
  return found;
}

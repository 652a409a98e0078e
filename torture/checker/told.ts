import { readFileSync } from 'node:fs';
import type { Ack } from '../stage/hooks.ts';
import type { Arrival } from '../stage/receiver.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import type { Replica } from './replica.ts';

const linesOf = <Line>(file: string): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

/** What was acknowledged to a provider is known ever after (H4): as many events of a record as acknowledgements. */
export async function forgottenDeliveries(facts: Facts, replica: Replica): Promise<Finding[]> {
  const acks = linesOf<Ack>(facts.acks);
  const found: Finding[] = [];
  for (const { tenant, connection, object, id, told } of countedAcks(acks)) {
    const known = await replica.deliveriesOf(tenant, { connection, object, id });
    if (known >= told) continue;
    const what = `${String(told)} deliveries about ${connection}.${object} ${id} were acknowledged, and ${String(known)} are known`;
    found.push({ invariant: 'I1', tenant, object, id, what });
  }
  return found;
}

export function countedAcks(acks: readonly Ack[]): (Omit<Ack, 'at'> & { readonly told: number })[] {
  const counted = new Map<string, Omit<Ack, 'at'> & { told: number }>();
  for (const { at: _at, ...ack } of acks) {
    const key = JSON.stringify([ack.tenant, ack.connection, ack.object, ack.id]);
    const before = counted.get(key) ?? { ...ack, told: 0 };
    counted.set(key, { ...before, told: before.told + 1 });
  }
  return [...counted.values()];
}

/** Each change of the subscribed object arrives, sooner or later. */
export async function untold(facts: Facts, replica: Replica): Promise<Finding[]> {
  if (facts.subscribed === null) return [];
  const { tenant, object, afterSequence } = facts.subscribed;
  const arrived = new Set(
    linesOf<Arrival>(facts.arrivals)
      .filter(({ status }) => status === 204)
      .map(({ sequence }) => sequence),
  );
  const [, name = ''] = object.split('.');
  for (const { sequence, id } of await replica.changesOf(tenant, object, afterSequence)) {
    if (!arrived.has(sequence))
      return [
        {
          invariant: 'I1',
          tenant,
          object: name,
          id,
          what: `change ${String(sequence)} of ${object} ${id} was not told`,
        },
      ];
  }
  return [];
}

/** What was told has happened, and what happened to one record was told in that order. */
export async function wronglyTold(facts: Facts, replica: Replica): Promise<Finding[]> {
  if (facts.subscribed === null) return [];
  const { tenant, object } = facts.subscribed;
  const arrivals = linesOf<Arrival>(facts.arrivals);
  const known = new Set((await replica.changesOf(tenant, object, 0)).map(({ sequence }) => sequence));
  const unknown = arrivals.find(({ sequence }) => !known.has(sequence));
  const [, name = ''] = object.split('.');
  const say = (what: string): Finding => ({ invariant: 'I2', tenant, object: name, what });
  const found = unknown === undefined ? [] : [say(`change ${String(unknown.sequence)} was told, and never happened`)];
  const turned = firstTurned(arrivals);
  return turned === null
    ? found
    : [...found, say(`${turned.ref}: change ${String(turned.sequence)} was told for the first time after a later one`)];
}

/** An event that came for the first time after a later one of the same record had been accepted. */
export function firstTurned(arrivals: readonly Arrival[]): Arrival | null {
  const latest = new Map<string, number>();
  const seen = new Set<string>();
  for (const arrival of arrivals) {
    const key = `${arrival.ref} ${String(arrival.sequence)}`;
    const before = latest.get(arrival.ref) ?? 0;
    if (!seen.has(key) && arrival.sequence < before) return arrival;
    seen.add(key);
    if (arrival.status === 204) latest.set(arrival.ref, Math.max(before, arrival.sequence));
  }
  return null;
}

import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/index.ts';
import type { Tally } from '../suite.ts';
import { idIn, listAll, rowsIn } from './doors.ts';
import type { ParityStage } from './stage.ts';
import { sightOf, sightsOf, type Person, type Sight, type Sights } from './system.ts';

/** Everything of an object, as the agent for itself finds it. */
export interface Held {
  readonly ids: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
}

/** By native object. */
export async function heldOf(stage: ParityStage): Promise<ReadonlyMap<string, Held>> {
  const held = new Map<string, Held>();
  const { integration, objects, idField } = stage.system;
  const fields = await fieldsOf(stage, null);
  for (const object of objects) {
    const { error, rows } = await listAll(stage.ask, null, { integration, object, fields: [idField] });
    if (error !== null) throw new Error(`the agent for itself cannot list ${object}: ${error}`);
    held.set(object, { ids: new Set(rows.keys()), fields: fields.get(object) ?? new Set() });
  }
  return held;
}

/** Names of the fields of each object that `describe` knows; objects that do not exist are absent. */
export async function fieldsOf(stage: ParityStage, principal: string | null): Promise<Map<string, Set<string>>> {
  const { integration, objects } = stage.system;
  const found = new Map<string, Set<string>>();
  const names = objects.map((object) => `${integration}.${object}`);
  for (let from = 0; from < names.length; from += 5) {
    const asked = names.slice(from, from + 5);
    const whole = await stage.ask(principal, 'describe', { names: asked, detail: 'full' });
    const replies = whole.error === null ? [whole] : [];
    // One unknown name spoils the answer for all: then each by itself.
    if (whole.error !== null)
      for (const name of asked) replies.push(await stage.ask(principal, 'describe', { names: [name], detail: 'full' }));
    for (const { body } of replies) {
      for (const object of listIn(body['objects'])) {
        const name = String(isJsonObject(object) ? object['name'] : '').slice(integration.length + 1);
        const fields = isJsonObject(object) ? listIn(object['fields']) : [];
        found.set(name, new Set(fields.map((field) => String(isJsonObject(field) ? field['name'] : ''))));
      }
    }
  }
  return found;
}

const listIn = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

/** All lists and all fields of one person: exactly what the provider shows. */
export async function compareLists(
  stage: ParityStage,
  person: Person,
  held: ReadonlyMap<string, Held>,
  tally: Tally,
): Promise<Sights> {
  const { system, ask } = stage;
  const sights = await sightsOf(stage.sandbox, person, system.objects);
  const isTold = await toldOf(stage, person);
  for (const object of system.objects) {
    const there = shownOf(sights, object, person, held);
    const { error, rows } = await listAll(ask, person.principal, {
      integration: system.integration,
      object,
      fields: [system.idField],
    });
    const label = `${person.principal} ${object}`;
    const extra = [...rows.keys()].filter((id) => !there.ids.has(id));
    tally.check(
      extra.length === 0,
      () => `${label}: shows ${String(extra.length)} records too many, such as ${extra[0] ?? ''}`,
    );
    const missing = [...there.ids].filter((id) => !rows.has(id) && isTold(id));
    tally.check(
      missing.length === 0,
      () =>
        `${label}: ${String(missing.length)} of ${String(there.ids.size)} records are missing, such as ${missing[0] ?? ''} (${error ?? 'no error'})`,
    );
  }
  const fields = await fieldsOf(stage, person.principal);
  for (const object of system.objects)
    compareFields(
      stage,
      person,
      object,
      { there: shownOf(sights, object, person, held), ours: fields.get(object) ?? new Set(), held },
      tally,
    );
  return sights;
}

/** Of which records the connected user is told that the person is shown them. */
async function toldOf({ system, sandbox, people }: ParityStage, person: Person): Promise<(id: string) => boolean> {
  const [connected] = people;
  if (system.toldOf === undefined || connected === undefined) return () => system.isWhole;
  const state = await sandbox.control<JsonObject>('POST', 'sharing', {});
  return system.toldOf({ person, connected, state });
}

function compareFields(
  { system }: ParityStage,
  person: Person,
  object: string,
  {
    there,
    ours,
    held,
  }: { readonly there: Sight; readonly ours: ReadonlySet<string>; readonly held: ReadonlyMap<string, Held> },
  tally: Tally,
): void {
  const known = [...(held.get(object)?.fields ?? [])].filter(system.isCompared);
  const extra = known.filter((field) => ours.has(field) && !(there.readable && there.fields.has(field)));
  tally.check(extra.length === 0, () => `${person.principal} ${object}: shows fields too many: ${extra.join(', ')}`);
  if (!system.isWhole || !there.readable) return;
  const missing = known.filter((field) => there.fields.has(field) && !ours.has(field));
  tally.check(missing.length === 0, () => `${person.principal} ${object}: fields are missing: ${missing.join(', ')}`);
}

/** What the provider shows the person of what Gantry has. */
export function shownOf(sights: Sights, object: string, person: Person, held: ReadonlyMap<string, Held>): Sight {
  const { readable, ids, fields } = sightOf(sights, object);
  const ours = held.get(object)?.ids ?? new Set<string>();
  const isShown = readable && person.active;
  return {
    readable: isShown,
    fields: isShown ? fields : new Set(),
    ids: new Set(isShown ? [...ids].filter((id) => ours.has(id)) : []),
  };
}

const FRESH = 100;

/** Asked at the sources at this moment, the beginning of a list is as it was. */
export async function compareFresh(
  { system, ask }: ParityStage,
  person: Person,
  sights: Sights,
  held: ReadonlyMap<string, Held>,
  tally: Tally,
): Promise<void> {
  const { integration, idField } = system;
  for (const object of system.objects) {
    const question = { object: `${integration}.${object}`, fields: [idField], limit: FRESH };
    const { readable, ids } = shownOf(sights, object, person, held);
    const [plain, fresh] = [
      await ask(person.principal, 'query_records', question),
      await ask(person.principal, 'query_records', { ...question, require_fresh_access: true }),
    ];
    const sql = `select count(*) as n from "${integration}"."${object}"`;
    const counted = await ask(person.principal, 'query_sql', { sql, require_fresh_access: true });
    // Of too many records nobody can be asked at once.
    tally.check(
      counted.error !== null ? counted.error !== 'internal' : !system.isWhole || rowsIn(counted)[0]?.[0] === ids.size,
      () =>
        `${person.principal} ${object}: asked anew it counts ${counted.error ?? JSON.stringify(rowsIn(counted))}, not ${String(ids.size)}`,
    );
    const [before, now] = [plain, fresh].map((reply) =>
      rowsIn(reply).map((row) => idIn(row.at(-1), integration, object)),
    );
    tally.check(
      plain.error === fresh.error &&
        JSON.stringify(before) === JSON.stringify(now) &&
        now?.every((id) => ids.has(id)) === true,
      () =>
        `${person.principal} ${object}: asked anew it shows ${fresh.error ?? String(now?.length)} of ${plain.error ?? String(before?.length)}, ${readable ? String(ids.size) : 'nothing'} of it being shown there`,
    );
  }
}

/** The person's own token at the vendor's own API gives the same. */
export async function compareByApi(
  stage: ParityStage,
  person: Person,
  sights: Sights,
  held: ReadonlyMap<string, Held>,
  tally: Tally,
): Promise<void> {
  for (const object of stage.system.objects) {
    const ours = held.get(object)?.ids ?? new Set<string>();
    const told = await stage.system.idsByApi(stage.sandbox, person, object, ours);
    const there = shownOf(sights, object, person, held).ids;
    const ids = new Set([...(told ?? [])].filter((id) => ours.has(id)));
    const same = ids.size === there.size && [...ids].every((id) => there.has(id));
    tally.check(
      same,
      () =>
        `${person.principal} ${object}: the vendor's API gives ${told === null ? 'a refusal' : String(ids.size)}, the rules say ${String(there.size)}`,
    );
  }
}

import { isJsonObject, type Json, type JsonObject } from '../../../src/kernel/index.ts';
import type { Tally } from '../../suite.ts';
import type { Held } from '../at-rest.ts';
import type { Draw } from '../draw.ts';
import type { ParityStage } from '../stage.ts';
import { sightOf, sightsOf, type Person, type System } from '../system.ts';
import { writingScopes, type VendorAnswer, type VendorWrite } from './vendor-write.ts';

/** Writes that each of them wants. */
const WRITES = 6;

/** What a plan says of a write: `other`: it is refused for something else than rights. */
type Planned = { readonly answer: VendorAnswer; readonly told: string };

/**
 * What a plan of ours lets a person write, and what the vendor then answers to
 * that person's own token. Really written: to be done when nothing else is compared any more.
 */
export async function compareWrites(
  stage: ParityStage,
  {
    people,
    held,
    draw,
  }: { readonly people: readonly Person[]; readonly held: ReadonlyMap<string, Held>; readonly draw: Draw },
  tally: Tally,
): Promise<{ readonly may: number; readonly mayNot: number; readonly less: number }> {
  const counts = { may: 0, mayNot: 0, less: 0 };
  const { writing } = stage.system;
  if (writing === undefined) return counts;
  for (const person of people) {
    const { tokens } = await stage.sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
      users: [person.username],
      ...writingScopes[stage.system.provider],
    });
    const vendor = { url: stage.sandbox.url, token: tokens[person.username] ?? '' };
    const sights = await sightsOf(stage.sandbox, person, Object.keys(writing.fields));
    for (let tried = 0; tried < WRITES; tried += 1) {
      const write = wishOf(writing, { held, draw, person, shown: (object) => [...sightOf(sights, object).ids] });
      const planned = await plannedOf(stage, person, write);
      if (planned.answer === 'other') continue;
      const there = await writing.writeAs(vendor, write);
      if (there === 'other') continue;
      // Never more than the vendor allows. Less only of what the vendor does not tell: how often is told.
      const less = planned.answer === 'may_not' && there === 'may';
      const good = planned.answer === there || (less && !stage.system.isWhole);
      if (less) counts.less += 1;
      tally.check(
        good,
        () =>
          `${person.principal}: ${write.operation} ${write.object} ${write.recordId ?? ''} ${JSON.stringify(write.values)}: planned ${planned.told}, the vendor says ${there}`,
      );
      if (there === 'may') counts.may += 1;
      else counts.mayNot += 1;
    }
  }
  return counts;
}

/** A write by chance, mostly of records that the person is shown. */
function wishOf(
  { fields, newRecord }: NonNullable<System['writing']>,
  {
    held,
    draw,
    person,
    shown,
  }: {
    readonly held: ReadonlyMap<string, Held>;
    readonly draw: Draw;
    readonly person: Person;
    readonly shown: (object: string) => readonly string[];
  },
): VendorWrite {
  const object = draw.pick(Object.keys(fields));
  const all = [...(held.get(object)?.ids ?? [])];
  const own = shown(object).filter((id) => held.get(object)?.ids.has(id) === true);
  const recordId = draw.pick(draw.chance(80) && own.length > 0 ? own : all);
  const operation = draw.pick(['update', 'update', 'update', 'create', 'delete'] as const);
  if (operation === 'delete') return { object, operation, recordId, values: {} };
  if (operation === 'create') return { object, operation, recordId: null, values: newRecord(object, draw, person) };
  const chosen = draw.some(fields[object] ?? [], 1 + draw.below(2));
  return {
    object,
    operation,
    recordId,
    values: Object.fromEntries(chosen.map((name) => [name, `v${String(draw.below(1_000_000))}`])),
  };
}

/** Codes by which a plan says that rights are in the way, or that there is no such thing for the user. */
const RIGHTS = new Set([
  'access_unknown',
  'query_object_unknown',
  'write_field_unknown',
  'write_not_permitted',
  'write_record_unknown',
  'write_rights_unknown',
]);

async function plannedOf({ system, ask }: ParityStage, { principal }: Person, write: VendorWrite): Promise<Planned> {
  const { object, operation, recordId, values } = write;
  const reply = await ask(principal, 'prepare_write', {
    operation,
    object: `${system.integration}.${object}`,
    records: [{ ...(recordId === null ? {} : { id: recordId }), ...(operation === 'delete' ? {} : { values }) }],
  } satisfies JsonObject);
  const codes = reply.error === null ? listIn(reply.body['problems']).map(codeOf) : [reply.error];
  const places = reply.error === null ? listIn(reply.body['problems']).map(placeOf) : [];
  const told = codes.length === 0 ? 'yes' : codes.map((code, n) => `${code} ${places[n] ?? ''}`.trim()).join(', ');
  if (codes.length === 0) return { answer: 'may', told };
  return { answer: codes.some((code) => RIGHTS.has(code)) ? 'may_not' : 'other', told };
}

const listIn = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
const placeOf = (problem: Json): string => String(isJsonObject(problem) ? problem['at'] : '');
const codeOf = (problem: Json): string => String(isJsonObject(problem) ? problem['code'] : '');

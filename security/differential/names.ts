import { isJsonObject, type Json } from '../../src/kernel/index.ts';
import type { Tally } from '../suite.ts';
import { shownOf, type Held } from './at-rest.ts';
import type { Draw } from './draw.ts';
import type { Reply } from './doors.ts';
import { readMark, type ParityStage } from './stage.ts';
import { sightOf, type Person, type Sights } from './system.ts';

interface About {
  readonly person: Person;
  readonly sights: Sights;
  readonly held: ReadonlyMap<string, Held>;
  readonly draw: Draw;
}

const TRIES = 6;

/** The catalogue, errors and their suggestions name no object and no field that is hidden from the person. */
export async function compareNames(stage: ParityStage, about: About, tally: Tally): Promise<void> {
  const { system, ask } = stage;
  const { person, draw } = about;
  const hidden = hiddenNames(stage, about);
  const isHidden = new Set(hidden.map(({ object, field }) => `${system.integration}.${object}.${field}`));
  for (const { object, field } of draw.some(hidden, TRIES)) {
    const label = `${person.principal} ${object}.${field}`;
    const found = await ask(person.principal, 'search_catalog', { query: field, limit: 50 });
    const named = namesIn(found).filter((name) => isHidden.has(name));
    tally.check(named.length === 0, () => `${label}: the catalogue finds ${named.join(', ')}`);
    // Nearly right: whoever suggests names would suggest this one.
    const near = `${field.slice(0, -1)}q`;
    const replies = [
      await ask(person.principal, 'query_records', { object: `${system.integration}.${object}`, fields: [near] }),
      await ask(person.principal, 'query_records', {
        object: `${system.integration}.${object}`,
        sort: [{ field: near }],
      }),
      await ask(person.principal, 'query_sql', { sql: `select "${near}" from "${system.integration}"."${object}"` }),
      await ask(person.principal, 'describe', { names: [`${system.integration}.${object}.${near}`] }),
    ];
    for (const { error, body } of replies) {
      tally.check(
        error !== null && !saysWord(body, field),
        () => `${label}: asked for ${near}, it says ${JSON.stringify(body).slice(0, 300)}`,
      );
    }
  }
}

/** Nobody was told a mark of a record, or of a field, that the provider does not show them. */
export function compareMarks(stage: ParityStage, { person, sights, held }: Omit<About, 'draw'>, tally: Tally): void {
  const heard = [...(stage.told.get(person.principal) ?? [])].map(readMark);
  const own = heard.filter(({ object }) => Object.hasOwn(stage.system.marked, object));
  const wrong = own.filter(({ object, id }) => {
    const { ids, fields } = shownOf(sights, object, person, held);
    return !ids.has(id) || (fields.size > 0 && !fields.has(stage.system.marked[object] ?? ''));
  });
  tally.check(
    wrong.length === 0,
    () =>
      `${person.principal}: was told of ${wrong
        .map(({ object, id }) => `${object} ${id}`)
        .slice(0, 3)
        .join(', ')}`,
  );
}

/** Fields that exist and that the person is not shown; of objects that are not shown, all of them. */
function hiddenNames({ system }: ParityStage, { person, sights, held }: About): { object: string; field: string }[] {
  return system.objects.flatMap((object) => {
    const { readable } = shownOf(sights, object, person, held);
    const { fields } = sightOf(sights, object);
    const known = [...(held.get(object)?.fields ?? [])].filter((field) => field.length > 4 && system.isCompared(field));
    return known.filter((field) => !readable || !fields.has(field)).map((field) => ({ object, field }));
  });
}

function namesIn({ body }: Reply): string[] {
  const matches = Array.isArray(body['matches']) ? (body['matches'] as readonly Json[]) : [];
  return matches.map((match) => (isJsonObject(match) ? String(match['name']) : ''));
}

/** As a word of its own: what was asked for is repeated in errors, and may begin like it. */
const saysWord = (value: Json, word: string): boolean =>
  new RegExp(`(?<![\\p{L}\\p{N}_])${word.replaceAll(/[^\p{L}\p{N}_]/gu, '\\$&')}(?![\\p{L}\\p{N}_])`, 'u').test(
    JSON.stringify(value),
  );

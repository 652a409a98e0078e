import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/index.ts';
import type { Tally } from '../suite.ts';
import type { Held } from './at-rest.ts';
import type { Draw } from './draw.ts';
import { idIn, listAll, rowsIn, type Reply } from './doors.ts';
import type { ParityStage } from './stage.ts';
import type { Person } from './system.ts';
import type { Lost, SightLog } from './watch-log.ts';

export interface InMotion {
  readonly stage: ParityStage;
  readonly log: SightLog;
  /** What was there before anything changed. */
  readonly held: ReadonlyMap<string, Held>;
  readonly history: readonly string[];
  readonly draw: Draw;
}

/** Who asks, about what. */
export interface About {
  readonly person: Person;
  readonly object: string;
}

/** What an answer tells of an object. */
interface Told {
  readonly replies: readonly Reply[];
  readonly error: string | null;
  /** Ids of records that it shows; null: it does not name them. */
  readonly ids: readonly string[] | null;
  /** How many records it speaks of. */
  readonly count: number;
  /** Whether those are all that there are to it. */
  readonly isWhole: boolean;
  /** Fields that it has values of. */
  readonly fields: readonly string[];
}

type Way = (motion: InMotion, person: Person, object: string) => Promise<Told>;

/** A question of any kind, and what may not come of it. Returns how many records came late. */
export async function askInMotion(motion: InMotion, { person, object }: About, tally: Tally): Promise<number> {
  const told = await motion.draw.pick(ways)(motion, person, object);
  const { replies, error } = told;
  if (error !== null || replies.length === 0) return 0;
  const ages = replies.map(ageOf);
  tally.check(
    ages.every((age) => age !== null),
    () => `${person.principal} ${object}: an answer does not say how old its rights are`,
  );
  const span = {
    from: Math.min(...ages.map((age) => age ?? 0)),
    to: Math.max(...replies.map(({ answeredAt }) => answeredAt)),
  };
  judge(motion, { person, object, told, span }, tally);
  const always = motion.log.alwaysShown(person, object, span);
  if (!told.isWhole) return 0;
  if (told.ids === null) return Math.max(0, always.size - told.count);
  const shown = new Set(told.ids);
  return [...always].filter((id) => !shown.has(id)).length;
}

/** Records and fields that were lost, asked for at the source itself: as it is at this moment, whatever is known here. */
export async function askFresh(motion: InMotion, { person, object, ids, fields }: Lost, tally: Tally): Promise<void> {
  const { stage } = motion;
  const { integration, idField, isCompared } = stage.system;
  const lost = ids.slice(0, FRESH);
  const refs = lost.map((id) => `'${integration}/${object}/${id.replaceAll("'", "''")}'`);
  const sql = `select a."_ref" from "${integration}"."${object}" a where a."_ref" in (${refs.join(', ')})`;
  const records = { object: `${integration}.${object}`, fields: [idField], limit: FRESH, require_fresh_access: true };
  const lists: FreshReply[] = [{ reply: await stage.ask(person.principal, 'query_records', records), fields: [] }];
  if (lost.length > 0) {
    const those = { ...records, filter: { [idField]: { in: lost } } };
    lists.push(
      { reply: await stage.ask(person.principal, 'query_records', those), fields: [] },
      { reply: await stage.ask(person.principal, 'query_sql', { sql, require_fresh_access: true }), fields: [] },
    );
  }
  for (const field of fields.filter(isCompared).slice(0, FRESH_FIELDS)) {
    const withField = { ...records, fields: [idField, field], limit: 1 };
    const text = `select a."${field}", a."_ref" from "${integration}"."${object}" a where false`;
    lists.push(
      { reply: await stage.ask(person.principal, 'query_records', withField), fields: [field] },
      {
        reply: await stage.ask(person.principal, 'query_sql', { sql: text, require_fresh_access: true }),
        fields: [field],
      },
    );
  }
  for (const { reply, fields: told } of lists) {
    // Of too many records nobody can be asked at once; what is shown no more is unknown.
    if (reply.error !== null) continue;
    const shown = rowsIn(reply).map((row) => idIn(row.at(-1), integration, object));
    const answer = { replies: [reply], error: null, ids: shown, count: shown.length, isWhole: false, fields: told };
    judge(motion, { person, object, told: answer, span: { from: reply.askedAt, to: reply.answeredAt } }, tally);
  }
}

interface FreshReply {
  readonly reply: Reply;
  /** Fields that the answer has. */
  readonly fields: readonly string[];
}

const FRESH_FIELDS = 3;

const FRESH = 40;

function judge(
  { stage, log, held, history }: InMotion,
  { person, object, told, span }: { person: Person; object: string; told: Told; span: { from: number; to: number } },
  tally: Tally,
): void {
  const there = log.everShown(person, object, span);
  const known = held.get(object)?.ids ?? new Set();
  const since = (): string => `since ${new Date(span.from).toISOString()}; changes: ${history.slice(-4).join('; ')}`;
  const label = `${person.principal} ${object}`;
  const extra = (told.ids ?? []).filter((id) => known.has(id) && !there.ids.has(id));
  tally.check(
    extra.length === 0,
    () =>
      `${label}: shows ${extra[0] ?? ''} and ${String(extra.length - 1)} more, which the provider showed at no moment ${since()}`,
  );
  if (told.ids === null) {
    tally.check(
      told.count <= there.ids.size,
      () =>
        `${label}: counts ${String(told.count)}, of which the provider showed ${String(there.ids.size)} at most ${since()}`,
    );
  }
  const fields = told.fields.filter((field) => stage.system.isCompared(field) && !there.fields.has(field));
  tally.check(
    fields.length === 0,
    () => `${label}: shows ${fields.join(', ')}, which the provider showed at no moment ${since()}`,
  );
}

const list: Way = async ({ stage, held, draw }, person, object) => {
  const { integration, idField } = stage.system;
  const known = [...(held.get(object)?.fields ?? [])].filter(stage.system.isCompared);
  const fields = draw.chance(50) ? draw.some(known, 1) : [];
  const { error, replies, rows } = await listAll(stage.ask, person.principal, {
    integration,
    object,
    fields: [...new Set([idField, ...fields])],
  });
  return { error, replies, ids: [...rows.keys()], count: rows.size, isWhole: true, fields };
};

const count: Way = async ({ stage }, person, object) => {
  const reply = await stage.ask(person.principal, 'query_records', {
    object: `${stage.system.integration}.${object}`,
    measures: [{ count: '*' }],
  });
  return counted(reply);
};

const sqlCount: Way = async ({ stage }, person, object) => {
  const sql = `select count(*) from "${stage.system.integration}"."${object}"`;
  return counted(await stage.ask(person.principal, 'query_sql', { sql }));
};

const sqlList: Way = async ({ stage, held, draw }, person, object) => {
  const { integration, idField, isCompared } = stage.system;
  const known = [...(held.get(object)?.fields ?? [])].filter((field) => isCompared(field) && field !== idField);
  const fields = draw.chance(50) ? draw.some(known, 1) : [];
  const columns = ['_ref', ...fields].map((name) => `a."${name}"`).join(', ');
  const sql = `select ${columns} from "${integration}"."${object}" a`;
  const reply = await stage.ask(person.principal, 'query_sql', { sql, limit: SQL_ROWS });
  const ids = rowsIn(reply).map(([ref]) => idIn(ref, integration, object));
  return {
    error: reply.error,
    replies: [reply],
    ids,
    count: ids.length,
    isWhole: ids.length < SQL_ROWS,
    fields,
  };
};

const SQL_ROWS = 1_000;

const ways: readonly Way[] = [list, list, sqlList, count, sqlCount];

function counted(reply: Reply): Told {
  const [value]: readonly Json[] = rowsIn(reply)[0] ?? [];
  return { error: reply.error, replies: [reply], ids: null, count: Number(value ?? 0), isWhole: true, fields: [] };
}

/** Rights are as old as `access_as_of`, and what records say themselves as old as they are. */
function ageOf({ body }: Reply): number | null {
  const freshness = body['freshness'];
  if (!isJsonObject(freshness ?? null)) return null;
  const { as_of, access_as_of } = freshness as JsonObject;
  if (typeof as_of !== 'string' || typeof access_as_of !== 'string') return null;
  return Math.min(Date.parse(as_of), Date.parse(access_as_of));
}

import type { VisibleObject } from '../../access/index.ts';
import { operandsOf, parseFilter, type Filter } from '../../filter/index.ts';
import type { Json } from '../../kernel/index.ts';
import type { CatalogueObject } from '../../mapping/index.ts';
import type { CompileContext, LookedUp, LookUp, NamedRecord } from '../compile/context.ts';
import {
  columnSql,
  equalKeys,
  fromSql,
  openFrame,
  openSource,
  rowsCondition,
  visibleSql,
  type Source,
} from '../compile/frame.ts';
import { objectWith } from '../compile/looked-up-objects.ts';
import { filterSql } from '../compile/operand-sql.ts';
import type { QueryParts } from '../deps.ts';
import { lookedUpAsking, lookedUpNow } from './looked-up-now.ts';
import { asksSources, rowsShownNow } from './rows-shown-now.ts';

/** Which rows of a relation are meant, as a condition of a statement. */
export type RowsMeant = (context: CompileContext, relation: Source) => string;

export const theseRows =
  (rows: readonly NamedRecord[]): RowsMeant =>
  (context, { alias }) =>
    rowsCondition(context, alias, rows);

/**
 * All rows of the object that the part of the filter which looks at nothing
 * else lets through: whatever decides among them, it decides about these.
 */
export function rowsBeforeLookUps(object: VisibleObject, request: Json | undefined): RowsMeant {
  const filter = request === undefined ? null : parseFilter(request, { where: 'filter' });
  const parts = filter === null ? [] : filter.kind === 'and' ? filter.all : [filter];
  if (parts.length === 0) return () => 'true';
  return (context, { alias }) => {
    const own: Filter = { kind: 'and', all: parts.filter((part) => isOwn(context, object, part)) };
    if (own.all.length === 0) return 'true';
    const frame = openFrame(context, 'caller', object);
    const condition = filterSql(frame, own, 'filter');
    return `(${alias}._stream, ${alias}._id) in (select ${frame.alias}._stream, ${frame.alias}._id ${fromSql(frame)} where ${condition})`;
  };
}

function isOwn(context: CompileContext, object: VisibleObject, part: Filter): boolean {
  const operands = operandsOf(part);
  if (!operands.every((operand) => operand.kind === 'path' && !operand.path.includes('.'))) return false;
  const names = operands.map((operand) => (operand.kind === 'path' ? operand.path : operand.relation));
  const columns = new Set(names.flatMap((name) => object.fields.get(name)?.column ?? []));
  return lookedUpAsking(object, columns, context).size === 0;
}

/** Whether what a compiled question shows or decides by stands in other records than its rows, so far that sources are asked. */
export function restsOnOthers(context: CompileContext): boolean {
  if (context.lookUps.length > 0) return true;
  return [...context.reads.values()].some(
    ({ object, columns }) => lookedUpAsking(visibleOf(context, object), columns, context).size > 0,
  );
}

/** From which relation of a compiled question on, and with which rows of it. */
interface Related {
  readonly from: string;
  readonly rows: RowsMeant;
  /** How many records may be asked about. */
  readonly most: number;
}

export interface RelatedShown {
  readonly asked: number;
  /** By object; of objects that are not in it, no source was to be asked. */
  readonly shownNow: CompileContext['shownNow'];
  /** The same of records in which mappings look values up. */
  readonly lookedUp: LookedUp;
  readonly leftOut: boolean;
}

export const nothingRelated: RelatedShown = { asked: 0, shownNow: new Map(), lookedUp: new Map(), leftOut: false };

/**
 * Of the records that the question looks up or counts, from those rows on, and
 * of those in which the mapping of what it reads looks values up, those that
 * the sources show the principal at this moment. Each record that could count
 * is asked about before anything is decided by it. Raises
 * `fresh_access_too_many`, and `access_unknown` where a source cannot be asked.
 */
export async function relatedShownNow(
  deps: QueryParts,
  context: CompileContext,
  { from, rows, most }: Related,
): Promise<RelatedShown> {
  const found = new Map<string, readonly NamedRecord[]>();
  let { lookedUp } = context;
  let asked = 0;
  let leftOut = false;
  const lookUp = async (alias: string, meant: RowsMeant): Promise<void> => {
    const read = context.reads.get(alias);
    if (read === undefined) throw new Error(`${alias} is no relation of the question`);
    const { columns } = read;
    const object = visibleOf(context, read.object);
    const answer = await lookedUpNow(deps, context, {
      object,
      columns,
      rows: meant,
      known: lookedUp,
      most: most - asked,
    });
    asked += answer.asked;
    leftOut ||= answer.leftOut;
    ({ lookedUp } = answer);
  };
  const follow = async (holder: string, meant: RowsMeant): Promise<void> => {
    // First: what is looked up may be what leads on.
    await lookUp(holder, meant);
    for (const each of context.lookUps.filter(({ from: { alias } }) => alias === holder)) {
      const object = visibleOf(context, each.to.object);
      const linked = linkedTo(each, meant, objectWith(visibleOf(context, each.from.object), lookedUp));
      if (!asksSources(object, context.caller)) {
        await follow(each.to.alias, linked);
        continue;
      }
      const own: CompileContext = { ...context, params: [], touched: new Set(), streams: new Set() };
      const rowsOf = openSource(own, 'v');
      const { alias } = rowsOf;
      const condition = linked(own, rowsOf);
      // What its own mapping looks up is asked about after that.
      const source = visibleSql(own, objectWith(object, new Map()), rowsOf.columns);
      const select = (rowsMax: number): string =>
        `select ${alias}._stream, ${alias}._id from ${source} as ${alias} where ${condition} limit ${String(rowsMax)}`;
      const answer = await rowsShownNow(deps, { context: own, object, select, most: most - asked });
      asked += answer.asked;
      leftOut ||= answer.shown.length < answer.asked;
      found.set(object.name, [...(found.get(object.name) ?? []), ...answer.shown]);
      await follow(each.to.alias, theseRows(answer.shown));
    }
  };
  await follow(from, rows);
  return { asked, shownNow: found, lookedUp, leftOut };
}

function visibleOf({ caller }: CompileContext, { name }: CatalogueObject): VisibleObject {
  const object = caller.objects.get(name);
  if (object === undefined) throw new Error(`${name} was looked up, and is not visible`);
  return object;
}

/** The rows that the meant ones of the holder lead to. */
function linkedTo({ from, to }: LookUp, meant: RowsMeant, holding: VisibleObject): RowsMeant {
  return (context, relation) => {
    const holder = openSource(context, 'h');
    const match = equalKeys(columnSql(holder, from.field), from.field, columnSql(relation, to.field), to.field);
    const condition = meant(context, holder);
    const source = visibleSql(context, holding, holder.columns);
    return `exists (select 1 from ${source} as ${holder.alias} where ${condition} and ${match})`;
  };
}

/** Both: of an object or a stream that is in both, the records of either. */
export function bothShown(a: RelatedShown, b: RelatedShown): RelatedShown {
  return {
    asked: a.asked + b.asked,
    shownNow: inEither(a.shownNow, b.shownNow, (one, other) => [...one, ...other]),
    lookedUp: inEither(a.lookedUp, b.lookedUp, (one, other) => new Map([...one, ...other])),
    leftOut: a.leftOut || b.leftOut,
  };
}

function inEither<Key, Value>(
  a: ReadonlyMap<Key, Value>,
  b: ReadonlyMap<Key, Value>,
  both: (one: Value, other: Value) => Value,
): ReadonlyMap<Key, Value> {
  const found = new Map(a);
  for (const [key, value] of b) {
    const one = a.get(key);
    found.set(key, one === undefined ? value : both(one, value));
  }
  return found;
}

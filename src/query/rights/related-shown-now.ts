import type { VisibleObject } from '../../access/index.ts';
import { operandsOf, parseFilter, type Filter } from '../../filter/index.ts';
import type { Json } from '../../kernel/index.ts';
import type { CompileContext, LookUp, NamedRecord } from '../compile/context.ts';
import { columnSql, equalKeys, fromSql, openFrame, openSource, rowsCondition, sourceSql } from '../compile/frame.ts';
import { filterSql } from '../compile/operand-sql.ts';
import type { QueryParts } from '../deps.ts';
import { asksSources, rowsShownNow } from './rows-shown-now.ts';

/** Which rows of a relation under that alias are meant, as a condition of a statement. */
export type RowsMeant = (context: CompileContext, alias: string) => string;

export const theseRows =
  (rows: readonly NamedRecord[]): RowsMeant =>
  (context, alias) =>
    rowsCondition(context, alias, rows);

/**
 * All rows of the object that the part of the filter which looks at nothing
 * else lets through: whatever decides among them, it decides about these.
 */
export function rowsBeforeLookUps(object: VisibleObject, request: Json | undefined): RowsMeant {
  const filter = request === undefined ? null : parseFilter(request, { where: 'filter' });
  const parts = filter === null ? [] : filter.kind === 'and' ? filter.all : [filter];
  const own: Filter = { kind: 'and', all: parts.filter(isOwn) };
  if (own.all.length === 0) return () => 'true';
  return (context, alias) => {
    const frame = openFrame(context, 'caller', object);
    const condition = filterSql(frame, own, 'filter');
    return `(${alias}._stream, ${alias}._id) in (select ${frame.alias}._stream, ${frame.alias}._id ${fromSql(frame)} where ${condition})`;
  };
}

const isOwn = (part: Filter): boolean =>
  operandsOf(part).every((operand) => operand.kind === 'path' && !operand.path.includes('.'));

/** The look-ups of a compiled question, where they begin, and with which rows. */
interface Related {
  readonly lookUps: readonly LookUp[];
  readonly from: string;
  readonly rows: RowsMeant;
  /** How many records may be asked about. */
  readonly most: number;
}

export interface RelatedShown {
  readonly asked: number;
  /** By object; of objects that are not in it, no source was to be asked. */
  readonly shown: CompileContext['shownNow'];
  readonly leftOut: boolean;
}

export const nothingRelated: RelatedShown = { asked: 0, shown: new Map(), leftOut: false };

/**
 * Of the records that the question looks up or counts, from those rows on,
 * those that the sources show the principal at this moment, by object. Each
 * record that could count is asked about before anything is decided by it.
 * Raises `fresh_access_too_many`, and `access_unknown` where a source cannot be asked.
 */
export async function relatedShownNow(
  deps: QueryParts,
  context: CompileContext,
  { lookUps, from, rows, most }: Related,
): Promise<RelatedShown> {
  const found = new Map<string, readonly NamedRecord[]>();
  let asked = 0;
  let leftOut = false;
  const follow = async (holder: string, meant: RowsMeant): Promise<void> => {
    for (const lookUp of lookUps.filter((each) => each.from.alias === holder)) {
      const object = context.caller.objects.get(lookUp.to.object.name);
      if (object === undefined) throw new Error(`${lookUp.to.object.name} was looked up, and is not visible`);
      const linked = linkedTo(lookUp, meant);
      if (!asksSources(object, context.caller)) {
        await follow(lookUp.to.alias, linked);
        continue;
      }
      const own: CompileContext = { ...context, params: [] };
      const { alias } = openSource(own, 'v');
      const source = sourceSql({ context: own, reach: 'caller' }, object, new Set([lookUp.to.field.column]));
      const condition = linked(own, alias);
      const select = (rowsMax: number): string =>
        `select ${alias}._stream, ${alias}._id from ${source} as ${alias} where ${condition} limit ${String(rowsMax)}`;
      const answer = await rowsShownNow(deps, { context: own, object, select, most: most - asked });
      asked += answer.asked;
      leftOut ||= answer.shown.length < answer.asked;
      found.set(object.name, [...(found.get(object.name) ?? []), ...answer.shown]);
      await follow(lookUp.to.alias, theseRows(answer.shown));
    }
  };
  await follow(from, rows);
  return { asked, shown: found, leftOut };
}

/** The rows that the meant ones lead to. */
function linkedTo({ from, to }: LookUp, meant: RowsMeant): RowsMeant {
  return (context, alias) => {
    const holder = openSource(context, 'h');
    const match = equalKeys(
      columnSql(holder, from.field),
      from.field,
      columnSql({ alias, columns: new Set() }, to.field),
      to.field,
    );
    const source = sourceSql({ context, reach: 'caller' }, from.object, holder.columns);
    return `exists (select 1 from ${source} as ${holder.alias} where ${meant(context, holder.alias)} and ${match})`;
  };
}

/** Both: of an object that is in both, the records of either. */
export function bothShown(a: RelatedShown, b: RelatedShown): RelatedShown {
  const names = new Set([...a.shown.keys(), ...b.shown.keys()]);
  return {
    asked: a.asked + b.asked,
    shown: new Map([...names].map((name) => [name, [...(a.shown.get(name) ?? []), ...(b.shown.get(name) ?? [])]])),
    leftOut: a.leftOut || b.leftOut,
  };
}

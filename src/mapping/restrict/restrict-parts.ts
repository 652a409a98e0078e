import type { CatalogueObject, MatchJoin, ViewColumn, ViewJoin, ViewPart } from '../catalogue.ts';
import { partSelect } from '../part-select.ts';
import { isHiddenWhole, type Sights } from './sights.ts';
import { visibleMatch, type VisibleMatch } from './visible-match.ts';

export interface PartRestrictor {
  /**
   * The parts that are shown; with `wanted`, of those columns and the ones that
   * decide which records are in the model. Equal objects where nothing is left out.
   */
  parts(object: CatalogueObject, wanted: ReadonlySet<string> | null): readonly ViewPart[];
}

export function createPartRestrictor(objects: ReadonlyMap<string, CatalogueObject>, sights: Sights): PartRestrictor {
  const matched = new Map<string, VisibleMatch>();

  function parts(object: CatalogueObject, wanted: ReadonlySet<string> | null): ViewPart[] {
    const own = object.parts ?? [];
    const shown = own.flatMap((part, at) => restrictPart(part, at, wanted) ?? []);
    // Numbers of derived tables have to be said only where they are not the places any more.
    return shown.length === own.length && shown.every(({ part, before }) => part === before)
      ? [...own]
      : shown.map(({ part, at }) => ({ ...part, member: at }));
  }

  function restrictPart(
    part: ViewPart,
    at: number,
    wanted: ReadonlySet<string> | null,
  ): { readonly part: ViewPart; readonly before: ViewPart; readonly at: number } | null {
    const sight = sights.get(part.stream);
    if (sight === undefined || isHiddenWhole(sight)) return null;
    const columns = part.columns
      .filter(({ name }) => wanted === null || wanted.has(name) || part.kept.includes(name))
      .map(restrictColumn);
    const isSame =
      columns.length === part.columns.length && columns.every((each, index) => each === part.columns[index]);
    if (isSame && sight.classes === 'all') return { part, before: part, at };
    const before = new Map(part.columns.map((column) => [column.name, column]));
    const differs = part.kept.some((name) => columns.some((each) => each.name === name && each !== before.get(name)));
    const shown: ViewPart = { ...part, columns, classes: sight.classes };
    return { part: differs ? keptByTruth(shown, part) : shown, before: part, at };
  }

  function restrictColumn(column: ViewColumn): ViewColumn {
    const isHidden = column.uses?.some(({ stream, field }) => {
      const fields = sights.get(stream)?.fields ?? new Set<string>();
      return fields !== 'all' && !fields.has(field);
    });
    const joins = isHidden === true ? null : restrictJoins(column.joins);
    if (joins === null) {
      const { missing } = column;
      return { ...column, sql: missing, joins: [], reads: [], masked: true };
    }
    return joins.every((join, index) => join === column.joins[index]) ? column : { ...column, joins };
  }

  /** Null: what one of them leads to does not exist here. */
  function restrictJoins(joins: readonly ViewJoin[]): readonly ViewJoin[] | null {
    const shown = joins.map((join) => (join.kind === 'lookup' ? restrictLookup(join) : restrictMatch(join)));
    return shown.some((join) => join === null) ? null : shown.filter((join) => join !== null);
  }

  function restrictLookup(join: Extract<ViewJoin, { readonly kind: 'lookup' }>): ViewJoin | null {
    const sight = sights.get(join.stream);
    if (sight === undefined || isHiddenWhole(sight)) return null;
    return sight.classes === 'all' ? join : { ...join, classes: sight.classes };
  }

  function restrictMatch(join: MatchJoin): ViewJoin | null {
    const key = `${join.model} ${join.by} ${join.on}`;
    const known = matched.get(key);
    const target = objects.get(join.model);
    const visible =
      known ?? visibleMatch(join, target, target === undefined ? [] : parts(target, new Set([join.by, join.on])));
    matched.set(key, visible);
    if (visible === 'none') return null;
    return visible === 'all' ? join : { ...join, visible };
  }

  return { parts };
}

/** Records are left out for want of a value that is truly missing, not for one that is hidden. */
export function keptByTruth(shown: ViewPart, whole: ViewPart): ViewPart {
  const kept = new Set(whole.kept);
  const ids = `select "_id" from (${partSelect({ ...whole, columns: whole.columns.filter(({ name }) => kept.has(name)) }, new Set())})`;
  const told = new Map(whole.columns.map((column) => [column.name, column]));
  const faults = (whole.faults ?? []).filter((name) =>
    shown.columns.some((column) => column.name === name && told.get(name) === column),
  );
  const { faults: _, ...rest } = shown;
  const where = [whole.where ?? [], `t."_id" in (${ids})`].flat().join(' and ');
  return { ...rest, where, kept: [], ...(faults.length === 0 ? {} : { faults }) };
}

import type { VisibleObject } from '../access/index.ts';
import { limits, type Json } from '../kernel/index.ts';
import type { LensAnswer, StreamFreshness } from '../lens/index.ts';
import type { CatalogueSource } from '../mapping/index.ts';
import { cutCell } from './cells.ts';
import type { CompileContext } from './compile/context.ts';
import { followsLinks } from './follows-links.ts';
import { refPrefix } from './references.ts';
import { accessAsOf } from './rights/access-age.ts';
import { withheldWarnings } from './rights/withheld.ts';
import { schemaVersion } from './schema-version.ts';
import type { Answer, AnswerSource, Conversion, Freshness, LongValue } from './types.ts';

export interface AnswerParts {
  readonly context: CompileContext;
  readonly lens: LensAnswer;
  /** Whose records the rows are, with `_ref` as their last column; null for groups and agents' SQL. */
  readonly object: VisibleObject | null;
  /** Characters of one cell. */
  readonly cellCharsMax?: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  readonly nextCursor: string | null;
  /** When the answer is given; the question's own time may be an earlier page's. */
  readonly at: Date;
}

/** Rows with what every answer says about itself: how fresh, from where, and what to mind. */
export function buildAnswer(parts: AnswerParts): Answer {
  const { context, lens, columns, nextCursor, at } = parts;
  const freshness = new Map(lens.freshness.map((entry) => [entry.stream as number, entry]));
  const sources = sourcesOf(context);
  const { rows, cut, warning } = cutCells(parts);
  const overall = { ...overallFreshness(context, freshness, at), ...accessAge(context) };
  const conversions = [...context.conversions].map(([column, about]): Conversion => ({ column, ...about }));
  return {
    columns,
    rows,
    ...(nextCursor === null ? {} : { next_cursor: nextCursor }),
    ...(conversions.length === 0 ? {} : { conversions }),
    ...(cut.length === 0 ? {} : { long_values: cut }),
    freshness: overall,
    sources: sources.map((source) => answerSource(source, freshness.get(source.stream), overall)),
    schema_version: schemaVersion(context.scope),
    warnings: [...context.warnings, ...leftOutForAccess(context), ...loadingWarnings(sources, freshness), ...warning],
  };
}

/** The systems behind the objects that the caller named, each once. */
function sourcesOf(context: CompileContext): CatalogueSource[] {
  const byStream = new Map<number, CatalogueSource>();
  for (const object of context.touched) {
    for (const source of object.sources) byStream.set(source.stream, source);
  }
  return [...byStream.values()];
}

/** What goes without saying is left out: every answer carries this. */
function answerSource(
  source: CatalogueSource,
  freshness: StreamFreshness | undefined,
  overall: Freshness,
): AnswerSource {
  const asOf = toSecond(freshness?.asOf ?? null);
  return {
    ref: refPrefix(source),
    system: source.provider,
    ...(source.trust === 'record' ? {} : { trust: source.trust }),
    ...(source.linkTemplate === null ? {} : { link: source.linkTemplate }),
    ...(asOf === overall.as_of ? {} : { as_of: asOf }),
  };
}

/** Rounded down: what was read by then is in the answer. */
const toSecond = (moment: Date | null): string | null =>
  moment === null ? null : `${moment.toISOString().slice(0, 19)}Z`;

/** An answer is as old as the oldest thing that it rests on, rules about rows included. */
function overallFreshness(
  context: CompileContext,
  freshness: ReadonlyMap<number, StreamFreshness>,
  at: Date,
): Freshness {
  const times: number[] = [];
  for (const stream of context.streams) {
    const asOf = freshness.get(stream)?.asOf ?? null;
    if (asOf === null) return { as_of: null, age_s: null };
    times.push(asOf.getTime());
  }
  if (times.length === 0) return { as_of: null, age_s: null };
  const oldest = Math.min(...times);
  return { as_of: toSecond(new Date(oldest)), age_s: Math.max(0, Math.floor((at.getTime() - oldest) / 1000)) };
}

function accessAge({ caller, streams }: CompileContext): Pick<Freshness, 'access_as_of'> {
  return caller.principal === null ? {} : { access_as_of: toSecond(accessAsOf(caller, streams)) };
}

const leftOutForAccess = ({ caller, touched }: CompileContext): string[] =>
  [...touched].flatMap(({ name }) => withheldWarnings(caller, name));

function loadingWarnings(
  sources: readonly CatalogueSource[],
  freshness: ReadonlyMap<number, StreamFreshness>,
): string[] {
  return sources.flatMap((source) => {
    const state = freshness.get(source.stream);
    if (state?.backfilling !== true) return [];
    const ref = refPrefix(source);
    if (state.asOf === null) return [`${ref} is still loading for the first time: records may be missing.`];
    // Its place at the provider was lost, or a field came: what was here stays until everything has been read again.
    return [
      `${ref} is stale: everything of it is read again, and until that is done it is as of ${toSecond(state.asOf)}.`,
    ];
  });
}

/** Long values are shown by their beginning; where the rows are records, the answer says which ones. */
function cutCells({ context, rows, columns, object, cellCharsMax = limits.cellCharsMax }: AnswerParts): {
  readonly rows: readonly (readonly Json[])[];
  readonly cut: readonly LongValue[];
  readonly warning: readonly string[];
} {
  const cut: LongValue[] = [];
  const names = object !== null && followsLinks(context.caller);
  let count = 0;
  const shown = rows.map((row) =>
    row.map((value, index) => {
      const cell = cutCell(value, cellCharsMax);
      if (cell === value) return value;
      count += 1;
      const ref = row.at(-1);
      if (names && typeof ref === 'string' && cut.length < limits.longValuesMax) {
        cut.push({ object: object.name, ref, field: columns[index] ?? '' });
      }
      return cell;
    }),
  );
  if (count === 0) return { rows: shown, cut, warning: [] };
  const what = `${count} long ${count === 1 ? 'value was' : 'values were'} cut at ${cellCharsMax} characters (they end in …)`;
  const how = !names || cellCharsMax > limits.cellCharsMax ? '' : '; get_record with that one field gives the whole';
  return { rows: shown, cut, warning: [`${what}${how}.`] };
}

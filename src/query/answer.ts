import { limits, type Json } from '../kernel/index.ts';
import type { LensAnswer, StreamFreshness } from '../lens/index.ts';
import type { CatalogueSource } from '../mapping/index.ts';
import type { CompileContext } from './compile/context.ts';
import { refPrefix } from './references.ts';
import { schemaVersion } from './schema-version.ts';
import type { Answer, AnswerSource, Freshness } from './types.ts';

export interface AnswerParts {
  readonly context: CompileContext;
  readonly lens: LensAnswer;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  readonly nextCursor: string | null;
  /** When the answer is given; the question's own time may be an earlier page's. */
  readonly at: Date;
}

/** Rows with what every answer says about itself: how fresh, from where, and what to mind. */
export function buildAnswer({ context, lens, columns, rows, nextCursor, at }: AnswerParts): Answer {
  const freshness = new Map(lens.freshness.map((entry) => [entry.stream as number, entry]));
  const sources = sourcesOf(context);
  const { cut, rows: shown } = cutCells(rows);
  const warnings = [...context.warnings, ...loadingWarnings(sources, freshness)];
  if (cut > 0)
    warnings.push(
      `${cut} long ${cut === 1 ? 'value was' : 'values were'} cut at ${limits.cellCharsMax} characters (they end in …).`,
    );
  return {
    columns,
    rows: shown,
    ...(nextCursor === null ? {} : { next_cursor: nextCursor }),
    freshness: overallFreshness(context, freshness, at),
    sources: sources.map((source) => answerSource(source, freshness.get(source.stream))),
    schema_version: schemaVersion(context.scope),
    warnings,
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

function answerSource(source: CatalogueSource, freshness: StreamFreshness | undefined): AnswerSource {
  return {
    ref: refPrefix(source),
    system: source.provider,
    connection: source.connectionSlug,
    trust: source.trust,
    link: source.linkTemplate,
    as_of: freshness?.asOf?.toISOString() ?? null,
  };
}

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
  return { as_of: new Date(oldest).toISOString(), age_s: Math.max(0, Math.floor((at.getTime() - oldest) / 1000)) };
}

function loadingWarnings(
  sources: readonly CatalogueSource[],
  freshness: ReadonlyMap<number, StreamFreshness>,
): string[] {
  return sources
    .filter((source) => freshness.get(source.stream)?.backfilling === true)
    .map((source) => `${refPrefix(source)} is still loading for the first time: records may be missing.`);
}

function cutCells(rows: readonly (readonly Json[])[]): { rows: (readonly Json[])[]; cut: number } {
  let cut = 0;
  const cell = (value: Json): Json => {
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (text.length <= limits.cellCharsMax) return value;
    cut += 1;
    return `${text.slice(0, limits.cellCharsMax).replace(/[\uD800-\uDBFF]$/, '')}…`;
  };
  return { rows: rows.map((row) => row.map(cell)), cut };
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sqlEnds, strayLines } from './lines-out.ts';
import { placesIn, type Place } from './places.ts';
import { namedStatements } from './statements.ts';
import { parse, type SourceFile } from './syntax.ts';
import type { Violation } from './violation.ts';
import { strayWrites } from './writers.ts';

export interface Judgement {
  readonly places: readonly Place[];
  readonly violations: readonly Violation[];
}

/** What these sources pass, and what they do without passing anything. */
export function judgeSources(sources: readonly SourceFile[]): Judgement {
  const files = sources.filter(({ path }) => path.endsWith('.ts')).map(parse);
  const { places, violations } = placesIn(files);
  const migrations = sources.filter(({ path }) => path.endsWith('.sql'));
  return {
    places,
    violations: [
      ...violations,
      ...strayLines(files),
      ...strayWrites(files, namedStatements(files)),
      ...migrations.flatMap(({ path, text }) => sqlEnds(path, text)),
    ],
  };
}

/** Everything under `src`. */
export async function readSources(root: string): Promise<SourceFile[]> {
  const entries = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(ts|sql)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.toSorted().map(async (path) => ({
      path: path.slice(root.length).replace(/^\/+/, '').replaceAll('\\', '/'),
      text: await readFile(path, 'utf8'),
    })),
  );
}

/** Each place has a point before its effect and one after it. */
export function crashPointsOf(places: readonly Place[]): string[] {
  const names = places.flatMap(({ name, kind }) => [`${name}.before_${kind}`, `${name}.after_${kind}`]);
  return [...new Set(names)].toSorted();
}

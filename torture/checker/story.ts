import { readFileSync } from 'node:fs';
import type { Moment } from '../stage/timeline.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

const LINES = 80;

/** What led to a finding: what the harness did, and what the processes say of that object, in the order of time. */
export function story(facts: Facts, finding: Finding): string[] {
  const moments = lines(facts.timeline).map((line) => JSON.parse(line) as Moment);
  const told = facts.logs.flatMap(({ name, file }) =>
    lines(file).flatMap((line): Moment[] => {
      const entry = parsed(line);
      if (entry === null || typeof entry['time'] !== 'number' || !concerns(entry, finding)) return [];
      const { time, level: _level, msg: _msg, ...rest } = entry;
      return [{ at: time, who: name, what: JSON.stringify(rest).slice(0, 400) }];
    }),
  );
  const all = [...moments, ...told].toSorted((a, b) => a.at - b.at).slice(-LINES);
  const first = all[0]?.at ?? 0;
  return all.map(({ at, who, what }) => `${((at - first) / 1_000).toFixed(3).padStart(9)}s  ${who.padEnd(9)} ${what}`);
}

function concerns(entry: Readonly<Record<string, unknown>>, { object }: Finding): boolean {
  if (entry['object'] !== undefined) return object === undefined || entry['object'] === object;
  return typeof entry['level'] === 'number' && entry['level'] >= 40;
}

const lines = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

import type { Tally } from '../suite.ts';
import { CANARY, CANARY_NUMBER } from './hidden-rows.ts';
import type { Outcome } from './hostile-world.ts';

/** Both lenses answer alike, and nothing of what is hidden is in an answer that did not ask for it by its own words. */
export function judge(tally: Tally, told: string, [whole, alone]: readonly [Outcome, Outcome], said: string): void {
  const same = bounded(whole) || bounded(alone) || JSON.stringify(whole) === JSON.stringify(alone);
  tally.check(same, () => `${told}\n    told apart: ${shortly(whole)} and without hidden rows ${shortly(alone)}`);
  const text = JSON.stringify(whole);
  const found = [CANARY, String(CANARY_NUMBER)].filter((canary) => !said.includes(canary) && text.includes(canary));
  tally.check(found.length === 0, () => `${told}\n    a canary is in the answer: ${shortly(whole)}`);
}

/** Whether work was stopped in time is of the machine's load, not of values. */
const bounded = (outcome: Outcome): boolean =>
  'code' in outcome && ['sql_timeout', 'sql_too_expensive', 'lens_busy'].includes(outcome.code);

const shortly = (outcome: Outcome): string => JSON.stringify(outcome).slice(0, 400);

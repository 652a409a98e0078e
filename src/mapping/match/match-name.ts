import { derivedTable } from '../derived/derived-table.ts';
import type { MatchSegment } from './plan-match.ts';

/** Name of what answers a match: the same for all that ask the same. */
export const matchName = ({ model, on, step }: MatchSegment): string => `${model}.${step.by}.${step.as}.${on}`;

/** The table (`k`, `v`) with the answer for each value that finds one; see match-table.ts. */
export const matchTable = (match: MatchSegment): string => derivedTable(matchName(match));

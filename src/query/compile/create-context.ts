import type { Caller } from '../../access/index.ts';
import type { QueryScope } from '../types.ts';
import type { CompileContext } from './context.ts';
import { visibleRows } from './visible-rows.ts';

export function createContext(
  caller: Caller,
  scope: QueryScope,
  time: Pick<CompileContext, 'now' | 'ruleNow'> & Partial<Pick<CompileContext, 'shownNow'>>,
): CompileContext {
  return {
    caller,
    scope,
    ...time,
    params: [],
    streams: new Set(),
    touched: new Set(),
    warnings: new Set(),
    conversions: new Map(),
    unconverted: [],
    visibleRows,
    lookUps: [],
    shownNow: time.shownNow ?? new Map(),
    aliases: 0,
    joins: 0,
  };
}

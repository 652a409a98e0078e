import type { Caller } from '../../access/index.ts';
import type { QueryScope } from '../types.ts';
import type { CompileContext } from './context.ts';
import { callerWith } from './looked-up-objects.ts';
import { visibleRows } from './visible-rows.ts';

export function createContext(
  caller: Caller,
  scope: QueryScope,
  time: Pick<CompileContext, 'now' | 'ruleNow'> & Partial<Pick<CompileContext, 'shownNow' | 'lookedUp'>>,
): CompileContext {
  const { now, ruleNow, shownNow = new Map(), lookedUp = new Map() } = time;
  return {
    caller: callerWith(caller, lookedUp),
    scope,
    now,
    ruleNow,
    params: [],
    streams: new Set(),
    touched: new Set(),
    warnings: new Set(),
    conversions: new Map(),
    unconverted: [],
    visibleRows,
    lookUps: [],
    reads: new Map(),
    shownNow,
    lookedUp,
    aliases: 0,
    joins: 0,
  };
}

import { canonicalJson, type Json, type JsonObject } from '../kernel/index.ts';
import type { PlanDetail, PlanKind } from './plan.ts';

/**
 * Whether changing one setting can make something that works today stop, or
 * answer with less. Titles and explanations never do; removing a thing always
 * does.
 */
export function isBreakingChange(kind: PlanKind, detail: PlanDetail): boolean {
  switch (kind) {
    case 'field':
      return fieldBreaks(detail);
    case 'relation':
      return true;
    case 'operation':
      return detail.key === 'on' || (detail.key === 'input' && asksForMoreInput(detail));
    case 'integration':
      return detail.key === 'connector' || (detail.key === 'alsoSync' && losesItems(detail));
    case 'object':
      return objectBreaks(detail) || (detail.key === 'write' && writesLess(detail));
    case 'mapping':
      return detail.key === 'onMissing' && leavesOut(detail.to) && !leavesOut(detail.from);
    case 'agent':
      return (
        (isList(detail.key) && losesItems(detail)) ||
        (isBound(detail.key) && isLower(detail)) ||
        (detail.key === 'ipAllow' && losesItems(detail)) ||
        (['clients', 'redirectUris', 'operations'].includes(detail.key) && losesNamed(detail)) ||
        (detail.key === 'write' && losesWrites(detail)) ||
        (detail.key === 'actsFor' && detail.to !== 'both')
      );
    case 'grant':
      return (detail.key === 'fields' && losesItems(detail)) || (detail.key === 'where' && detail.to !== null);
    case 'saved_query':
      return detail.key === 'params' && asksForMore(detail);
    case 'policy':
      return (
        detail.key === 'base' ||
        (detail.key === 'rates' && losesKeys(detail)) ||
        (detail.key === 'keepDays' && isLower(detail))
      );
    case 'project':
    case 'model':
    case 'alert_route':
    case 'switch':
    case 'checklist':
    // What an overlay does is told of the tenant that it is for.
    case 'overlay':
      return false;
  }
}

/**
 * Removing a thing always breaks, but for an overlay, of whose tenant it is
 * told what its end does, and for a way to tell people of problems, by which
 * no agent and no tenant is served, what stops agents,
 * and what only people read.
 */
export const isBreakingRemoval = (kind: PlanKind): boolean => !harmless.has(kind);

const harmless: ReadonlySet<PlanKind> = new Set<PlanKind>(['overlay', 'alert_route', 'switch', 'checklist']);

function fieldBreaks(detail: PlanDetail): boolean {
  if (detail.key === 'values') return losesItems(detail);
  if (detail.key === 'sensitive') return detail.to === true;
  return ['type', 'reference', 'currency', 'currencyField'].includes(detail.key);
}

function objectBreaks(detail: PlanDetail): boolean {
  if (detail.key === 'model') return detail.from !== null;
  if (detail.key === 'where') return detail.to !== null;
  if (detail.key !== 'sync') return false;
  const days = (value: Json): Json => (value as { readonly backfillDays: Json }).backfillDays;
  return isLower({ key: 'backfillDays', from: days(detail.from), to: days(detail.to) });
}

/** A parameter that is gone or of another type, fewer values for one, or a new one without a default. */
function asksForMore({ from, to }: PlanDetail): boolean {
  const before = from as { readonly [name: string]: JsonObject };
  const after = to as { readonly [name: string]: JsonObject };
  const worse = Object.entries(before).some(([name, old]) => {
    const param = after[name];
    if (param === undefined || param['type'] !== old['type']) return true;
    if (old['default'] !== null && param['default'] === null) return true;
    return losesItems({ key: 'values', from: old['values'] ?? null, to: param['values'] ?? null });
  });
  return worse || Object.entries(after).some(([name, param]) => !(name in before) && param['default'] === null);
}

/** An input that is gone or of another type, or a new one that has to be given. */
function asksForMoreInput({ from, to }: PlanDetail): boolean {
  const before = from as { readonly [name: string]: JsonObject };
  const after = to as { readonly [name: string]: JsonObject };
  const worse = Object.entries(before).some(([name, old]) => {
    const input = after[name];
    if (input === undefined || input['type'] !== old['type']) return true;
    if (old['required'] === false && input['required'] === true) return true;
    return losesItems({ key: 'values', from: old['values'] ?? null, to: input['values'] ?? null });
  });
  return worse || Object.entries(after).some(([name, input]) => !(name in before) && input['required'] === true);
}

/** Operations that worked and will not. */
function writesLess({ from, to }: PlanDetail): boolean {
  const operations = (write: Json): Json => (write as JsonObject | null)?.['operations'] ?? [];
  return losesItems({ key: 'operations', from: operations(from), to: operations(to) });
}

const losesKeys = ({ from, to }: PlanDetail): boolean =>
  Object.keys(from as JsonObject).some((key) => !Object.hasOwn(to as JsonObject, key));

/** Records without the value are not in the model. */
const leavesOut = (onMissing: Json): boolean => onMissing === 'skip' || onMissing === 'error';

const isList = (key: string): boolean => key === 'tools' || key === 'savedQueries';

/** Here null means none. A suspension is meant to break: it is no change that somebody has to allow. */
const losesNamed = ({ key, from, to }: PlanDetail): boolean => from !== null && losesItems({ key, from, to: to ?? [] });

/** Objects, operations or fields that could be written, or a new condition on records. */
function losesWrites({ from, to }: PlanDetail): boolean {
  const after = (to ?? {}) as { readonly [object: string]: JsonObject };
  return Object.entries((from ?? {}) as { readonly [object: string]: JsonObject }).some(([object, before]) => {
    const now = after[object];
    if (now === undefined) return true;
    const lost = ['operations', 'fields'].some((key) =>
      losesItems({ key, from: before[key] ?? null, to: now[key] ?? null }),
    );
    const where = now['where'] ?? null;
    return lost || (where !== null && canonicalJson(where) !== canonicalJson(before['where'] ?? null));
  });
}

const isBound = (key: string): boolean => key === 'rowsMax' || key === 'callsPerMinute';

/** Null means without bound. */
function isLower({ from, to }: PlanDetail): boolean {
  if (to === null) return false;
  return from === null || (to as number) < (from as number);
}

/** Null means all there is: a list instead is less. */
function losesItems({ from, to }: PlanDetail): boolean {
  if (to === null) return false;
  if (from === null) return true;
  const kept = new Set((to as readonly Json[]).map(canonicalJson));
  return (from as readonly Json[]).some((item) => !kept.has(canonicalJson(item)));
}

import { bindComparison, parseFilter } from '../../filter/index.ts';
import type { Json } from '../../kernel/index.ts';
import { param, type CompileContext } from './context.ts';
import type { Frame } from './frame.ts';

/** The moment that `changed_since` means. Raises `query_value_invalid` and what else a filter value can. */
export function changedSince(value: Json, now: Date): Date {
  const filter = parseFilter({ field: '_at', op: 'gte', value }, { where: 'changed_since' });
  if (filter.kind !== 'compare') throw new Error('one comparison parses to one');
  const test = bindComparison('gte', filter.value, { kind: 'datetime', now, where: 'changed_since' });
  if (test.kind !== 'compare') throw new Error('a lower bound is one comparison');
  return new Date(String(test.value));
}

/** Records whose own content changed at or after then; related ones do not count. Of a merged row, each of its records does. */
export function changedSinceSql(context: CompileContext, frame: Frame, since: Date): string {
  frame.columns.add('_at');
  const moment = since.toISOString().replace('T', ' ').replace('Z', '');
  return `${frame.alias}._at >= cast(${param(context, moment)} as timestamp)`;
}

import { canonicalJson, type Json } from '../../kernel/index.ts';
import type { RecordWriter } from '../../mapping/index.ts';
import type { Draft } from './draft.ts';
import { isCurrency } from './native-money.ts';

/**
 * Native fields by which the amounts of a record are in another currency than
 * before, or a new record in another one than the integration gives to each.
 */
export function currenciesWritten({
  target,
  values,
  recordId,
}: Pick<Draft, 'target' | 'values' | 'recordId'>): readonly string[] {
  const isGiven = (name: string): boolean =>
    recordId === null &&
    canonicalJson(target.object.defaults.get(name) ?? null) === canonicalJson(values[name] ?? null);
  return target.stream.object.fields
    .filter((field) => isCurrency(field) && Object.hasOwn(values, field.name) && !isGiven(field.name))
    .map(({ name }) => name);
}

/**
 * Native amounts that a write in a model's words moves and that no amount of
 * the model tells of: written through a field that is a plain number there, or
 * in another currency from now on. `counted`: those of which one tells.
 */
export function uncountedMoney(
  draft: Pick<Draft, 'target' | 'operation' | 'recordId' | 'values' | 'stored' | 'before'>,
  {
    writer: { reads },
    money,
    counted,
  }: {
    readonly writer: Pick<RecordWriter, 'reads'>;
    readonly money: ReadonlySet<string>;
    readonly counted: ReadonlySet<string>;
  },
): readonly string[] {
  const { operation, recordId, values, stored, before } = draft;
  const readBy = (names: Iterable<string>): ReadonlySet<string> =>
    new Set([...names].flatMap((name) => reads.get(name) ?? []));
  const shown = readBy(before.keys());
  // What no field tells that the caller is shown may be any amount: no answer depends on whether one stands there.
  const isNoneThere = (native: string): boolean => stored !== null && shown.has(native) && isNone(stored[native]);
  const goes = operation === 'delete' ? readBy(reads.keys()) : new Set<string>();
  const isOther = recordId !== null && currenciesWritten(draft).length > 0;
  return [...money].filter((native) => {
    if (counted.has(native)) return false;
    if (Object.hasOwn(values, native)) return recordId !== null || !isNone(values[native]);
    return (isOther || goes.has(native)) && !isNoneThere(native);
  });
}

const isNone = (value: Json | undefined): boolean => value === undefined || value === null || value === 0;

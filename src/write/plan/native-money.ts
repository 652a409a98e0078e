import type { ModelField } from '../../manifest/index.ts';
import type { NativeField } from '../../schema/index.ts';
import type { Asker } from './ports.ts';
import type { WriteTarget } from './targets.ts';

/**
 * Native fields of a target in which money stands: those that the system calls
 * so, and whatever a model of this customer reads an amount of money from, as
 * a plain number is one in many systems.
 */
export function nativeMoney(
  { manifest, writers }: Pick<Asker, 'manifest' | 'writers'>,
  { stream: { object, stream } }: Pick<WriteTarget, 'stream'>,
): ReadonlySet<string> {
  const called = object.fields.filter(isMoney).map(({ name }) => name);
  const read = [...manifest.models.values()].flatMap(({ name, fields }) => {
    const writer = writers.get(name)?.find((each) => each.stream.stream === stream);
    return [...fields.values()].flatMap((field) => (isAmount(field) ? (writer?.reads.get(field.name) ?? []) : []));
  });
  return new Set([...called, ...read]);
}

/** An amount of a model. */
export const isAmount = ({ type, currency, currencyField }: ModelField): boolean =>
  type === 'decimal' && (currency !== null || currencyField !== null);

const isMoney = ({ type, nativeType }: NativeField): boolean =>
  type === 'decimal' && /currency|monetary|money/i.test(nativeType);

/** `CurrencyIsoCode`, `currency_id`: what the amounts of a record are in. */
export const isCurrency = ({ name, type, references }: NativeField): boolean =>
  (type === 'enum' || type === 'reference' || type === 'string') &&
  (/currency/i.test(name) || references?.some((each) => /currency/i.test(each)) === true);

import { units, unitsOf, type Unit } from '../../manifest/index.ts';
import type { Kind } from '../kind.ts';
import { literal, quoteList, quoteText } from '../sql-text.ts';
import { lowerText } from './lower.ts';
import { closedSql, closedText, digitsPattern, digitsSql, digitsValue, plainDigits } from './parse-text.ts';
import { once, type Stage } from './stage.ts';
import { finiteSql } from './to-text.ts';

/** A number in `from` to the same quantity in `to`; missing where a double cannot hold it. */
export function convert(value: number, from: Unit, to: Unit): number | null {
  if (from.name === to.name) return value;
  const result = ((value + from.offset) * from.factor) / to.factor - to.offset;
  return Number.isFinite(result) ? result + 0 : null;
}

/** The number in `from` that converts to `value`: the shortest one near, since dividing and multiplying may round apart. */
function convertBack(value: number, from: Unit, to: Unit): number | null {
  const near = convert(value, to, from);
  if (near === null) return null;
  const tried = [Number(near.toPrecision(12)), Number(near.toPrecision(15)), near, ...neighbours(near)];
  return tried.find((each) => convert(each, from, to) === value) ?? near;
}

function neighbours(value: number): number[] {
  const step = Math.abs(value) * Number.EPSILON;
  return [value + step / 2, value - step / 2, value + step, value - step];
}

/** The same sum in the same order, so that both round alike. */
function convertSql(x: string, from: Unit, to: Unit): string {
  if (from.name === to.name) return x;
  const base = `(${x} + ${literal(from.offset)}) * ${literal(from.factor)}`;
  return once(`${base} / ${literal(to.factor)} - ${literal(to.offset)}`, 'r', finiteSql('r'));
}

export function unitNamed(name: string): Unit {
  const found = units.get(name);
  if (found === undefined) throw new Error(`no unit ${name}: the manifest is validated`);
  return found;
}

/** Numbers are in `from`; so are texts without a unit. A text with another unit of the dimension is in that. */
export function unitStage(from: Unit, to: Unit, kind: Kind): Stage | null {
  if (kind === 'integer' || kind === 'number' || kind === 'decimal') {
    return {
      kind: 'number',
      sql: (x) => convertSql(`cast(${x} as double)`, from, to),
      value: (x) => convert(x as number, from, to),
      inverse: (x) => convertBack(x as number, from, to),
    };
  }
  return kind === 'text' ? quantityText(from, to) : null;
}

function quantityText(from: Unit, to: Unit): Stage {
  const spelled = spellings(from);
  const shape = `^([+-]?${digitsPattern('.')})(${[...spelled.keys()].join('|')})?$`;
  // The case tells bits from bytes, and nothing else apart.
  const isExact = from.dimension === 'data size';
  const number = digitsSql('.', `regexp_extract(m, ${quoteText(shape)}, 1)`);
  const cases = unitsOf(from.dimension).map((unit) => {
    const names = [...spelled].filter(([, each]) => each === unit).map(([name]) => name);
    const own = unit.name === from.name ? ['', ...names] : names;
    return `when regexp_extract(m, ${quoteText(shape)}, 2) in (${quoteList(own)}) then ${convertSql(number, unit, to)}`;
  });
  return {
    kind: 'number',
    sql: (x) => once(isExact ? closedSql(x) : `lower(${closedSql(x)})`, 'm', `case ${cases.join(' ')} end`),
    value: (x) => {
      const closed = closedText(x as string);
      const [, digits, name] = new RegExp(shape).exec(isExact ? closed : lowerText(closed)) ?? [];
      if (digits === undefined) return null;
      return convert(digitsValue('.', digits), name === undefined ? from : (spelled.get(name) ?? from), to);
    },
    inverse: (x) => {
      const back = convertBack(x as number, from, to);
      return back === null ? null : plainDigits(back, '.');
    },
  };
}

function spellings({ dimension }: Unit): Map<string, Unit> {
  const fold = dimension === 'data size' ? (text: string): string => text : lowerText;
  return new Map(
    unitsOf(dimension).flatMap((unit) =>
      [unit.name, ...unit.spellings].map((name): [string, Unit] => [fold(name), unit]),
    ),
  );
}

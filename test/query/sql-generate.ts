import fc from 'fast-check';
import { modelFields } from './catalogue.ts';

type FieldsOf = (model: string) => readonly string[];

const typeOf = (model: string, field: string): string =>
  modelFields[model]?.find(([name]) => name === field)?.[1] ?? '';
const orOne = (names: readonly string[]): readonly string[] => (names.length === 0 ? ['_ref'] : names);

/**
 * Statements over these models, of many shapes. Some fail on values (a
 * division, a cast): whether they do must not depend on what is hidden.
 */
export function statement(models: readonly string[], fieldsOf: FieldsOf): fc.Arbitrary<string> {
  if (models.length === 0) return fc.constant('select 1 as one');
  const one = fc.constantFrom(...models).chain((model) => simple(model, fieldsOf));
  const related = fc
    .tuple(fc.constantFrom(...models), fc.constantFrom(...models))
    .chain(([a, b]) => joined(a, b, fieldsOf));
  return fc.oneof({ weight: 3, arbitrary: one }, { weight: 2, arbitrary: related });
}

function simple(model: string, fieldsOf: FieldsOf): fc.Arbitrary<string> {
  const plain = orOne(fieldsOf(model).filter((name) => !['multi_enum', 'json'].includes(typeOf(model, name))));
  const numbers = fieldsOf(model).filter((name) => ['integer', 'number'].includes(typeOf(model, name)));
  const numeric = numbers.length > 0 ? numbers : ['length(_ref)'];
  return fc
    .tuple(fc.constantFrom(...plain), fc.constantFrom(...plain), fc.constantFrom(...numeric), fc.nat(40))
    .chain(([a, b, n, k]) =>
      fc.constantFrom(
        `select * from ${model}`,
        `select ${a}, _ref from ${model} where ${b} is not null order by ${a}, _ref limit ${k}`,
        `select count(*) as n, count(${a}) as m, count(distinct ${b}) as d from ${model}`,
        `select ${a}, count(*) as n, max(_at) as newest from ${model} group by all having count(*) > 1`,
        `select ${a}, row_number() over (partition by ${b} order by _ref) as n from ${model}`,
        `select distinct ${a} from ${model} union select distinct ${b}::varchar from ${model}`,
        `select _ref from ${model} except select _ref from ${model} where ${a} is null`,
        `select ${a} from ${model} where ${b} in (select ${b} from ${model} where _ref is not null) order by 1`,
        `select exists (select 1 from ${model} where ${a} is not null) as any_a`,
        `select _ref, ${n} / (${n} - ${k}) as q from ${model} where ${n} <> ${k}`,
        `select ln(${n}) as l from ${model}`,
        `select sum(${n} * 1e300 * 1e300) as s from ${model}`,
        `select _ref from ${model} where ln(length(${a}::varchar)) >= 0`,
        `select ${a} from ${model} where 1 // (length(${b}::varchar) - ${k % 8}) < 5`,
        `with x as (select *, length(${a}::varchar) as w from ${model}) select max(w) as w, min(w) as l from x`,
        `select string_agg(${a}::varchar, '|' order by _ref) as s from ${model}`,
      ),
    );
}

function joined(a: string, b: string, fieldsOf: FieldsOf): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...orOne(fieldsOf(a))), fc.constantFrom(...orOne(fieldsOf(b))))
    .chain(([x, y]) =>
      fc.constantFrom(
        `select count(*) as n from ${a} a join ${b} b on a.${x}::varchar = b.${y}::varchar`,
        `select a._ref, b._ref as other from ${a} a left join ${b} b on a.${x}::varchar = b.${y}::varchar`,
        `select a._ref from ${a} a anti join ${b} b on a.${x}::varchar = b.${y}::varchar`,
        `select a._ref, (select count(*) from ${b} b where b.${y}::varchar = a.${x}::varchar) as n from ${a} a`,
        `select a._ref, l.v from ${a} a, lateral (select max(b.${y}::varchar) as v from ${b} b where b.${y}::varchar <> a.${x}::varchar) l`,
        `select count(*) as n from ${a} a full join ${b} b on a.${x}::varchar = b.${y}::varchar where a._ref is null`,
      ),
    );
}

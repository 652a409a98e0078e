import { valueKindOf, type Comparison, type Filter, type RelatedMeasure } from '../../filter/index.ts';
import { canonicalJson, type Json } from '../../kernel/index.ts';
import { aggregateSql } from './aggregate-sql.ts';
import { conditionSql, type Resolved } from './condition-sql.ts';
import { objectIn, spendJoin } from './context.ts';
import {
  columnSql,
  equalKeys,
  fieldSql,
  fromSql,
  joinSteps,
  keyField,
  openFrame,
  openSource,
  type Frame,
} from './frame.ts';
import { resolveMany } from './resolve.ts';
import { convertSql, convertedType, unconvertedSql } from './convert.ts';
import { noPins, pinnedBy, requireOneCurrency, type Pins } from './one-currency.ts';
import type { Typed } from './test-sql.ts';

/** The filter as a condition over the frame, adding the joins that it needs. */
export function filterSql(frame: Frame, filter: Filter, where: string): string {
  return conditionSql(frame.context, filter, (operand) => operandSql(frame, operand, where), {
    negated: false,
    checkValues: frame.reach === 'caller',
    now: frame.reach === 'caller' ? frame.context.now : frame.context.ruleNow,
    pins: noPins,
  });
}

/** What a filter over the frame keeps at one value in all that it lets through. */
export const filterPins = (frame: Frame, filter: Filter, where: string): Pins =>
  pinnedBy([filter], (operand) => operandSql(frame, operand, where));

export function operandSql(frame: Frame, operand: Comparison['operand'], where: string): Resolved {
  if (operand.kind === 'measure') {
    const place = `${where}: ${operand.measure} of ${operand.relation}`;
    return { ...measureSql(frame, operand, place), source: null, where: place };
  }
  const place = `${where}: ${operand.path}`;
  const { sql, field, object, currency } = fieldSql(frame, operand.path, place);
  return {
    sql,
    ...(currency === undefined ? {} : { currency }),
    kind: valueKindOf(field.type),
    whole: field.type === 'integer',
    source: { object, field },
    where: place,
  };
}

/**
 * A number over related records, from a join that was aggregated before it was
 * joined. Only records that `reach` may see are counted. A count over nothing
 * is 0; everything else over nothing is missing.
 */
function measureSql(frame: Frame, measure: RelatedMeasure, where: string): Typed {
  const { context, reach, object } = frame;
  const resolved = resolveMany({ context, reach, object, path: measure.relation, where });
  spendJoin(context, reach);
  const relation = resolved.end;
  const target = objectIn(context, reach, relation.object);
  if (target === undefined) throw new Error(`${relation.object} is not in reach, yet ${object.name} leads to it`);
  const inner = openFrame(context, reach, target, { isRelated: true });
  const via = keyField(context, relation.object, relation.via);
  const aggregated = measuredSql(inner, measure, where);

  const key = `measure ${canonicalJson(measure as unknown as Json)}`;
  let joined = frame.joined.get(key);
  if (joined === undefined) {
    const condition = measure.where === null ? 'true' : filterSql(inner, measure.where, `${where}.where`);
    const holder = joinSteps(frame, resolved.steps);
    const on = keyField(context, resolved.object.name, relation.on);
    joined = openSource(context, 'm');
    if (reach === 'caller') {
      context.lookUps.push({
        from: { alias: holder.alias, object: resolved.object, field: on },
        to: { alias: inner.alias, object: target, field: via },
      });
    }
    const grouped = `select ${columnSql(inner, via)} as k, ${aggregated.sql} as v ${fromSql(inner)} where ${condition} group by 1`;
    const unconverted = unconvertedSql(inner, condition);
    if (unconverted !== null) context.unconverted.push(unconverted);
    const match = equalKeys(columnSql(holder, on), on, `${joined.alias}.k`, via);
    const join = `left join (${grouped}) as ${joined.alias} on ${match}`;
    frame.joins.push(() => join);
    frame.joined.set(key, joined);
  }
  const name = joined.alias;
  return { ...aggregated, sql: measure.measure === 'count' ? `coalesce(${name}.v, 0)` : `${name}.v` };
}

/** The aggregate of the related records' field, within the frame of those records. */
function measuredSql(inner: Frame, measure: RelatedMeasure, where: string): Typed {
  if (measure.field === null) return aggregateSql(measure.measure, null, where);
  if (measure.convert !== null && measure.measure !== 'count') {
    const { sql, about } = convertSql(inner, measure.field, measure.convert, where);
    inner.context.conversions.set(`${measure.relation}.${measure.field}`, about);
    return { ...convertedType, sql: `${measure.measure}(${sql})` };
  }
  const value = fieldSql(inner, measure.field, where);
  const aggregated = aggregateSql(measure.measure, value, where);
  const pins = measure.where === null ? noPins : filterPins(inner, measure.where, `${where}.where`);
  if (measure.measure !== 'count') requireOneCurrency({ ...aggregated, ...currencyOf(value) }, pins, where);
  return aggregated;
}

const currencyOf = ({ currency }: Pick<Typed, 'currency'>): Pick<Typed, 'currency'> =>
  currency === undefined ? {} : { currency };

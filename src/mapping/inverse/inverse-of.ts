import { canonicalJson, type Json } from '../../kernel/index.ts';
import type { ModelField, OnMissing } from '../../manifest/index.ts';
import type { NativeField } from '../../schema/index.ts';
import { applySteps } from '../apply-steps.ts';
import { kindOf } from '../kind.ts';
import type { MatchSegment } from '../match/plan-match.ts';
import type { LookupStep, MappingPlan, PlanSegment } from '../plan-mapping.ts';
import { chain, runStage, sameStage, type Stage } from '../transforms/stage.ts';
import { toModel } from '../transforms/to-model.ts';
import { fitsKind } from './fits-kind.ts';

/** How a value of a model field is written to the native record that it comes from. */
export type FieldInverse =
  /** One native field is written. */
  | { readonly kind: 'value'; readonly field: NativeField; readonly write: (value: Json) => NativeValue }
  /**
   * The native field holds the key of another record, which has to be found
   * first: by field `take` of a native object (`lookup`), or by the key field
   * of a model (`match`). `write` gets what was found: the value of field `key`
   * or `by` of that record; null where there is no such record.
   */
  | {
      readonly kind: 'lookup';
      readonly field: NativeField;
      readonly step: LookupStep | MatchSegment['step'];
      /** What the record to find has in field `take`, or in the field that the reference equals. */
      readonly wanted: (value: Exclude<Json, null>) => NativeValue;
      readonly write: (value: Json, key: Json) => NativeValue;
    }
  /** The value is the manifest's: only this one is accepted, and nothing is written. */
  | { readonly kind: 'constant'; readonly write: (value: Json) => NothingWritten }
  | { readonly kind: 'none'; readonly why: string };

export type NativeValue = { readonly kind: 'ok'; readonly value: Json } | Refused;
export type NothingWritten = { readonly kind: 'ok' } | Refused;

/** Said to whoever asked for the write. */
export interface Refused {
  readonly kind: 'refused';
  readonly why: string;
}

export interface InverseOptions {
  /** Digits after the point of a decimal target. */
  readonly scale: number;
  readonly onMissing: OnMissing;
}

/**
 * The way back. What `write` accepts, the mapping turns into the very same
 * model value again: each answer is checked by running the mapping over it, so
 * that a value which would come back as another is refused instead.
 */
export function inverseOf(
  plan: MappingPlan,
  target: Pick<ModelField, 'name' | 'type' | 'values'>,
  options: InverseOptions,
): FieldInverse {
  const { source, segments } = plan;
  if (source.kind === 'constant') return constantInverse(plan, target, options);
  if (source.kind !== 'native') {
    return none(`${target.name} is put together from several native fields by \`${source.kind}\``);
  }
  const { field } = source;
  if (!field.writable) return none(`the source does not let anybody write ${field.name}`);
  const lone = segments.find((each) => each.kind === 'stage' && each.stage.inverse === undefined);
  if (lone?.kind === 'stage') return none(`\`${lone.step}\` drops what would be needed to write ${field.name}`);
  const finders = segments.flatMap((each, at) => (each.kind === 'stage' ? [] : [{ segment: each, at }]));
  const [finder, second] = finders;
  if (second !== undefined) return none(`${target.name} is found through more than one other record`);

  const back = (stages: Stage, value: Exclude<Json, null>): Json => stages.inverse?.(value) ?? null;
  const before = stagesOf(segments.slice(0, finder?.at ?? segments.length), kindOf(field.type));
  const last = toModel(plan, target, options.scale);
  if (last === null) throw new Error('the plan was made for this field');
  /** The native value, where the mapping turns it into `value` again; `found` stands for the other record. */
  const checked = (value: Json, native: Json, found: (key: string) => Json): NativeValue => {
    if (native !== null && !fitsKind(native, kindOf(field.type))) return refused(value, target, options);
    const document = { [field.name]: native };
    const again = applySteps({ plan, target, document, ...options, lookup: (_, key) => found(key) });
    return canonicalJson(again) === canonicalJson(value)
      ? { kind: 'ok', value: native }
      : refused(value, target, options);
  };

  if (finder === undefined) {
    const write = (value: Json): NativeValue => {
      if (value === null || isEmptied(value, target, options)) return checked(value, null, () => null);
      if (!fitsKind(value, kindOf(target.type))) return refused(value, target, options);
      const end = last.inverse?.(value) ?? null;
      const native = end === null ? null : back(before, end);
      // What only a default stands for is written by emptying the field.
      return checked(value, native, () => null);
    };
    return { kind: 'value', field, write };
  }
  const { segment, at } = finder;
  const after = chain(stagesOf(segments.slice(at + 1), plan.kind), last);
  const wanted = (value: Exclude<Json, null>): NativeValue => {
    const found = fitsKind(value, kindOf(target.type)) ? back(after, value) : null;
    return found === null ? refused(value, target, options) : { kind: 'ok', value: found };
  };
  const write = (value: Json, key: Json): NativeValue => {
    if (value === null || isEmptied(value, target, options)) return checked(value, null, () => null);
    const compared = runStage(segment.kind === 'lookup' ? segment.keyText : segment.key, key);
    if (compared === null) return { kind: 'refused', why: `nothing is known under ${JSON.stringify(value)}` };
    const found = wanted(value);
    if (found.kind === 'refused') return found;
    const native = back(chain(before, segment.operand), compared);
    return native === null
      ? refused(value, target, options)
      : checked(value, native, (each) => (each === compared ? found.value : null));
  };
  return { kind: 'lookup', field, step: segment.step, wanted, write };
}

const none = (why: string): FieldInverse => ({ kind: 'none', why });

function refused(
  value: Json,
  { name, type }: Pick<ModelField, 'name' | 'type'>,
  { scale }: Pick<InverseOptions, 'scale'>,
): Refused {
  if (value === null)
    return { kind: 'refused', why: `${name} cannot be missing here: the mapping puts another value in its place` };
  const isTooFine = type === 'decimal' && typeof value === 'number' && Number(value.toFixed(scale)) !== value;
  const because = isTooFine ? `: it has more than ${String(scale)} digits after the point` : '';
  return { kind: 'refused', why: `no native value reads as ${JSON.stringify(value)} in ${name}${because}` };
}

const stagesOf = (segments: readonly PlanSegment[], kind: Stage['kind']): Stage =>
  segments.reduce((all, each) => (each.kind === 'stage' ? chain(all, each.stage) : all), sameStage(kind));

/** What the model shows for a missing value is written by emptying the native field. */
function isEmptied(value: Json, target: Pick<ModelField, 'type'>, { onMissing }: InverseOptions): boolean {
  if (onMissing !== 'empty') return false;
  return target.type === 'multi_enum' ? Array.isArray(value) && value.length === 0 : value === '';
}

function constantInverse(
  plan: MappingPlan,
  target: Pick<ModelField, 'name' | 'type' | 'values'>,
  options: InverseOptions,
): FieldInverse {
  const only = applySteps({ plan, target, document: {}, ...options, lookup: () => null });
  return {
    kind: 'constant',
    write: (value) =>
      canonicalJson(value) === canonicalJson(only)
        ? { kind: 'ok' }
        : { kind: 'refused', why: `${target.name} is ${JSON.stringify(only)} in every record, by its mapping` },
  };
}

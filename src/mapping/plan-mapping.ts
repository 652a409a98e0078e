import type { Json } from '../kernel/index.ts';
import type { FieldMapping, ModelField, TransformStep } from '../manifest/index.ts';
import type { NativeField, NativeObject } from '../schema/index.ts';
import { decimalScaleDefault, kindOf, type Kind } from './kind.ts';
import { planMatch, type MatchSegment, type ModelNamed } from './match/plan-match.ts';
import { resolveField, type Resolved } from './resolve-field.ts';
import type { Stage } from './transforms/stage.ts';
import { stepStage } from './transforms/step-stage.ts';
import { toModel } from './transforms/to-model.ts';
import { toText } from './transforms/to-text.ts';
import { mismatch, type Unfit } from './unfit.ts';
import { isUntrusted } from './untrusted.ts';

export type LookupStep = Extract<TransformStep, { readonly kind: 'lookup' }>;

/**
 * A mapping with its names resolved in one org and its kinds known: what SQL
 * (mapping-sql.ts) and TypeScript (apply-steps.ts) are both made from.
 */
export interface MappingPlan {
  readonly source:
    | { readonly kind: 'native'; readonly field: NativeField }
    | { readonly kind: 'constant'; readonly value: Exclude<Json, null> }
    | { readonly kind: 'template'; readonly parts: readonly (string | FieldText)[] }
    | { readonly kind: 'concat'; readonly parts: readonly FieldText[]; readonly separator: string };
  readonly segments: readonly PlanSegment[];
  /** Kind before the last conversion. */
  readonly kind: Kind;
  /** Every text (or item of a list) that can come out of the steps, where they leave no other; null where anything can. */
  readonly known: readonly string[] | null;
  /** Digits after the point that the source declares; null where it is no decimal. */
  readonly scale: number | null;
  readonly untrusted: boolean;
}

/** A native field as text. */
export interface FieldText {
  readonly field: NativeField;
  readonly text: Stage;
}

export type PlanSegment =
  | { readonly kind: 'stage'; readonly stage: Stage; readonly step: TransformStep['kind'] }
  | {
      readonly kind: 'lookup';
      readonly step: LookupStep;
      /** The operand as text, which keys are compared as. */
      readonly operand: Stage;
      readonly object: NativeObject;
      readonly key: NativeField;
      readonly keyText: Stage;
      readonly take: NativeField;
    }
  | MatchSegment;

export type PlanResult = { readonly kind: 'ok'; readonly plan: MappingPlan } | Unfit;

/**
 * `objectNamed` finds the other replicated objects of the same connection,
 * `modelNamed` the models that `match` may lead to.
 */
export function planMapping(
  mapping: FieldMapping,
  target: ModelField,
  object: NativeObject,
  objectNamed: (name: string) => NativeObject | null,
  modelNamed: ModelNamed = () => null,
): PlanResult {
  const start = planSource(mapping, object);
  if (start.kind === 'unfit') return start;
  let { kind, untrusted, scale, known } = start;
  const segments: PlanSegment[] = [];
  for (const step of mapping.steps) {
    if (step.kind === 'constant' || step.kind === 'template' || step.kind === 'concat') continue;
    known = knownAfter(step, known);
    if (step.kind === 'match') {
      const found = planMatch(step, kind, target, modelNamed);
      if (found.kind === 'unfit') return found;
      segments.push(found.segment);
      kind = found.result;
      untrusted = found.untrusted;
      scale = null;
      continue;
    }
    if (step.kind === 'lookup') {
      const found = planLookup(step, kind, objectNamed);
      if (found.kind === 'unfit') return found;
      segments.push(found.segment);
      ({ kind, untrusted, scale, known } = factsOf(found.segment.take));
      continue;
    }
    const stage = stepStage(step, kind);
    if (stage === null) return mismatch(`${step.kind} does not work on ${kind} values`);
    segments.push({ kind: 'stage', stage, step: step.kind });
    untrusted = untrusted && !tames(step);
    if (stage.kind !== 'decimal') scale = null;
    kind = stage.kind;
  }
  if (toModel({ kind, known, scale }, target, decimalScaleDefault) === null) {
    return mismatch(`a value of kind ${kind} cannot become ${target.type}`);
  }
  const tamed = target.values !== null || !['text', 'list', 'json'].includes(kindOf(target.type));
  return { kind: 'ok', plan: { source: start.source, segments, kind, known, scale, untrusted: untrusted && !tamed } };
}

/** Steps whose result is one of ours, whatever came in. */
const tames = (step: TransformStep): boolean =>
  (step.kind === 'value_map' && step.otherwise === 'null') ||
  ['number', 'money', 'midpoint', 'unit', 'date'].includes(step.kind);

function knownAfter(step: TransformStep, known: MappingPlan['known']): MappingPlan['known'] {
  if (step.kind === 'value_map' && step.otherwise === 'null') return [...step.map.values()];
  return step.kind === 'default' && known !== null && typeof step.value === 'string' ? [...known, step.value] : null;
}

type Start = Omit<MappingPlan, 'segments'> | Unfit;

function planSource({ from, steps }: FieldMapping, object: NativeObject): Start {
  const [first] = steps;
  if (first?.kind === 'constant') {
    const { value } = first;
    const kind: Kind = typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean';
    const known = typeof value === 'string' ? [value] : null;
    return { source: { kind: 'constant', value }, kind, known, scale: null, untrusted: false };
  }
  if (first?.kind === 'template') {
    const parts: (string | FieldText)[] = [];
    for (const part of first.parts) {
      const found = typeof part === 'string' ? part : fieldText(part.field, object);
      if (typeof found !== 'string' && 'kind' in found) return found;
      parts.push(found);
    }
    return { source: { kind: 'template', parts }, ...textOf(parts) };
  }
  if (first?.kind === 'concat') {
    const parts: FieldText[] = [];
    for (const name of first.fields) {
      const found = fieldText(name, object);
      if ('kind' in found) return found;
      parts.push(found);
    }
    return { source: { kind: 'concat', parts, separator: first.separator }, ...textOf(parts) };
  }
  if (from === null) throw new Error('a mapping has a source: the manifest is validated');
  const found = resolveField(from, object);
  if (found.kind === 'missing') return absent(found);
  return { source: { kind: 'native', field: found.field }, ...factsOf(found.field) };
}

function fieldText(name: string, object: NativeObject): FieldText | Unfit {
  const found = resolveField({ kind: 'name', name }, object);
  if (found.kind === 'missing') return absent(found);
  const text = toText(kindOf(found.field.type));
  return text === null ? mismatch(`${object.name}.${name} has no form as text`) : { field: found.field, text };
}

const textOf = (parts: readonly (string | FieldText)[]): Omit<Exclude<Start, Unfit>, 'source'> => ({
  kind: 'text',
  known: null,
  scale: null,
  untrusted: parts.some((part) => typeof part !== 'string' && isUntrusted(part.field)),
});

const factsOf = (field: NativeField): Omit<Exclude<Start, Unfit>, 'source'> => ({
  kind: kindOf(field.type),
  known: null,
  scale: field.type === 'decimal' ? (field.scale ?? decimalScaleDefault) : null,
  untrusted: isUntrusted(field),
});

function planLookup(
  step: LookupStep,
  kind: Kind,
  objectNamed: (name: string) => NativeObject | null,
): { readonly kind: 'ok'; readonly segment: Extract<PlanSegment, { readonly kind: 'lookup' }> } | Unfit {
  const object = objectNamed(step.object);
  if (object === null) {
    const message = `the lookup needs ${step.object}, which this connection does not replicate`;
    return { kind: 'unfit', mistake: { code: 'native_object_missing', message, suggestions: [] } };
  }
  const key = resolveField({ kind: 'name', name: step.key }, object);
  const take = resolveField({ kind: 'name', name: step.take }, object);
  if (key.kind === 'missing') return absent(key);
  if (take.kind === 'missing') return absent(take);
  const operand = toText(kind);
  const keyText = toText(kindOf(key.field.type));
  if (operand === null || keyText === null) return mismatch(`${step.object}.${step.key} cannot be looked up by`);
  return {
    kind: 'ok',
    segment: { kind: 'lookup', step, operand, object, key: key.field, keyText, take: take.field },
  };
}

const absent = ({ message, suggestions }: Extract<Resolved, { readonly kind: 'missing' }>): Unfit => ({
  kind: 'unfit',
  mistake: { code: 'native_field_missing', message, suggestions },
});

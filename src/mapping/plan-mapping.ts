import type { Json } from '../kernel/index.ts';
import type { FieldMapping, ModelField, TransformStep } from '../manifest/index.ts';
import type { NativeField, NativeObject } from '../schema/index.ts';
import type { CatalogueDiagnostic } from './catalogue.ts';
import { decimalScaleDefault, kindOf, type Kind } from './kind.ts';
import { resolveField, type Resolved } from './resolve-field.ts';
import type { Stage } from './transforms/stage.ts';
import { stepStage } from './transforms/step-stage.ts';
import { toModel } from './transforms/to-model.ts';
import { toText } from './transforms/to-text.ts';
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
    | { readonly kind: 'template'; readonly parts: readonly (string | { field: NativeField; text: Stage })[] };
  readonly segments: readonly PlanSegment[];
  /** Kind before the last conversion. */
  readonly kind: Kind;
  /** Digits after the point that the source declares; null where it is no decimal. */
  readonly scale: number | null;
  readonly untrusted: boolean;
}

export type PlanSegment =
  | { readonly kind: 'stage'; readonly stage: Stage }
  | {
      readonly kind: 'lookup';
      readonly step: LookupStep;
      /** The operand as text, which keys are compared as. */
      readonly operand: Stage;
      readonly object: NativeObject;
      readonly key: NativeField;
      readonly keyText: Stage;
      readonly take: NativeField;
    };

export type PlanResult = { readonly kind: 'ok'; readonly plan: MappingPlan } | Unfit;

export type PlanMistake = Pick<CatalogueDiagnostic, 'code' | 'message' | 'suggestions'>;

/** `objectNamed` finds the other replicated objects of the same connection. */
export function planMapping(
  mapping: FieldMapping,
  target: ModelField,
  object: NativeObject,
  objectNamed: (name: string) => NativeObject | null,
): PlanResult {
  const start = planSource(mapping, object);
  if (start.kind === 'unfit') return start;
  let { kind, untrusted, scale } = start;
  const segments: PlanSegment[] = [];
  for (const step of mapping.steps) {
    if (step.kind === 'constant' || step.kind === 'template') continue;
    if (step.kind === 'concat' || step.kind === 'match') return mismatch(`${step.kind} is not known here`);
    if (step.kind === 'lookup') {
      const found = planLookup(step, kind, objectNamed);
      if (found.kind === 'unfit') return found;
      segments.push(found.segment);
      ({ kind, untrusted, scale } = factsOf(found.segment.take));
      continue;
    }
    const stage = stepStage(step, kind);
    if (stage === null) return mismatch(`${step.kind} does not work on ${kind} values`);
    segments.push({ kind: 'stage', stage });
    untrusted = untrusted && !tames(step);
    if (stage.kind !== 'decimal') scale = null;
    kind = stage.kind;
  }
  if (toModel(kind, target, decimalScaleDefault) === null) {
    return mismatch(`a value of kind ${kind} cannot become ${target.type}`);
  }
  const tamed = target.values !== null || !['text', 'list', 'json'].includes(kindOf(target.type));
  return { kind: 'ok', plan: { source: start.source, segments, kind, scale, untrusted: untrusted && !tamed } };
}

/** Steps whose result is one of ours, whatever came in. */
const tames = (step: TransformStep): boolean =>
  (step.kind === 'value_map' && step.otherwise === 'null') || step.kind === 'number' || step.kind === 'date';

type Start = Omit<MappingPlan, 'segments'> | Unfit;

function planSource({ from, steps }: FieldMapping, object: NativeObject): Start {
  const [first] = steps;
  if (first?.kind === 'constant') {
    const { value } = first;
    const kind: Kind = typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean';
    return { source: { kind: 'constant', value }, kind, scale: null, untrusted: false };
  }
  if (first?.kind === 'template') {
    const parts: (string | { field: NativeField; text: Stage })[] = [];
    let untrusted = false;
    for (const part of first.parts) {
      if (typeof part === 'string') {
        parts.push(part);
        continue;
      }
      const found = resolveField({ kind: 'name', name: part.field }, object);
      if (found.kind === 'missing') return absent(found);
      const text = toText(kindOf(found.field.type));
      if (text === null) return mismatch(`${object.name}.${part.field} has no form as text`);
      untrusted ||= isUntrusted(found.field);
      parts.push({ field: found.field, text });
    }
    return { source: { kind: 'template', parts }, kind: 'text', scale: null, untrusted };
  }
  if (from === null) throw new Error('a mapping has a source: the manifest is validated');
  const found = resolveField(from, object);
  if (found.kind === 'missing') return absent(found);
  return { source: { kind: 'native', field: found.field }, ...factsOf(found.field) };
}

const factsOf = (field: NativeField): { kind: Kind; scale: number | null; untrusted: boolean } => ({
  kind: kindOf(field.type),
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

type Unfit = { readonly kind: 'unfit'; readonly mistake: PlanMistake };

const absent = ({ message, suggestions }: Extract<Resolved, { readonly kind: 'missing' }>): Unfit => ({
  kind: 'unfit',
  mistake: { code: 'native_field_missing', message, suggestions },
});

const mismatch = (message: string): Unfit => ({
  kind: 'unfit',
  mistake: { code: 'type_mismatch', message, suggestions: [] },
});

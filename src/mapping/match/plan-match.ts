import type { MatchForm, Model, ModelField, TransformStep } from '../../manifest/index.ts';
import { kindOf, type Kind } from '../kind.ts';
import { chain, type Stage } from '../transforms/stage.ts';
import { toText } from '../transforms/to-text.ts';
import { mismatch, type Unfit } from '../unfit.ts';
import { comparable } from './comparable.ts';

export type MatchStep = Extract<TransformStep, { readonly kind: 'match' }>;

/** A `match` step with its names resolved: from a value to a record of a model, whichever system that is from. */
export interface MatchSegment {
  readonly kind: 'match';
  readonly step: MatchStep;
  /** The model that the reference leads to, and the field of it that is the result. */
  readonly model: string;
  readonly on: string;
  /** The operand as it is compared. */
  readonly operand: Stage;
  /** A value of the model's field `step.by` as it is compared. */
  readonly key: Stage;
}

/** Models that something feeds in this tenant, by name. */
export type ModelNamed = (name: string) => Model | null;

export interface MatchPlan {
  readonly kind: 'ok';
  readonly segment: MatchSegment;
  /** Kind of the value that comes out: that of the field which the reference equals. */
  readonly result: Kind;
  readonly untrusted: boolean;
}

export function planMatch(step: MatchStep, kind: Kind, target: ModelField, modelNamed: ModelNamed): MatchPlan | Unfit {
  const { reference } = target;
  if (reference === null) return mismatch('match finds the record that a reference leads to, and this is no reference');
  const model = modelNamed(reference.to);
  const by = model?.fields.get(step.by);
  const on = model?.fields.get(reference.on);
  if (model === null || by === undefined || on === undefined) {
    const message =
      model === null
        ? `nothing in this tenant feeds ${reference.to}, so that nothing can match it`
        : `${reference.to} has no field ${by === undefined ? step.by : reference.on}`;
    return { kind: 'unfit', mistake: { code: 'native_object_missing', message, suggestions: [] } };
  }
  const operand = comparableOf(kind, step.as);
  const key = comparableOf(kindOf(by.type), step.as);
  if (operand === null) return mismatch(`match does not work on ${kind} values`);
  if (key === null) return mismatch(`match does not work on ${model.name}.${by.name} (${by.type})`);
  return {
    kind: 'ok',
    segment: { kind: 'match', step, model: model.name, on: on.name, operand, key },
    result: kindOf(on.type),
    untrusted: on.type === 'string' || on.type === 'text',
  };
}

/** A value of any kind but JSON in the form in which it is compared. */
export function comparableOf(kind: Kind, form: MatchForm): Stage | null {
  const text = toText(kind);
  return text === null ? null : chain(text, comparable(form));
}

import type { Json, JsonObject } from '../kernel/index.ts';
import type { ModelField, OnMissing } from '../manifest/index.ts';
import type { MatchStep } from './match/plan-match.ts';
import type { LookupStep, MappingPlan } from './plan-mapping.ts';
import { trimText } from './transforms/parse-text.ts';
import { runStage } from './transforms/stage.ts';
import { toModel } from './transforms/to-model.ts';

export interface ApplyInput {
  readonly plan: MappingPlan;
  readonly target: Pick<ModelField, 'type' | 'values'>;
  /** Digits after the point of a decimal target. */
  readonly scale: number;
  readonly onMissing: OnMissing;
  /** The native record, values in the spelling of schema/native.ts. */
  readonly document: JsonObject;
  /**
   * `lookup`: field `take` of the record of the looked-up object whose `key` is
   * this text; the first by native id. `match`: the key field of the one record
   * of the model whose field `by` is, compared as the step says, this text.
   */
  readonly lookup: (step: LookupStep | MatchStep, key: string) => Json;
}

/**
 * The model's value for one native record: the same as the lens's SQL gives
 * (mapping-sql.ts). `onMissing: skip` leaves the value missing here; leaving
 * the record out is for the caller.
 */
export function applySteps({ plan, target, scale, onMissing, document, lookup }: ApplyInput): Json {
  let value = sourceValue(plan, document);
  for (const segment of plan.segments) {
    if (segment.kind === 'stage') {
      value = runStage(segment.stage, value);
    } else {
      const key = runStage(segment.operand, value);
      value = key === null ? null : lookup(segment.step, key as string);
    }
  }
  const last = toModel(plan, target, scale);
  value = last === null ? null : runStage(last, value);
  if (value !== null || onMissing !== 'empty') return value;
  return target.type === 'multi_enum' ? [] : '';
}

function sourceValue({ source }: MappingPlan, document: JsonObject): Json {
  if (source.kind === 'constant') return source.value;
  if (source.kind === 'native') return document[source.field.name] ?? null;
  if (source.kind === 'concat') {
    const texts = source.parts.map(({ field, text }) => runStage(text, document[field.name] ?? null));
    const present = texts.map((text) => trimText((text as string | null) ?? '')).filter((text) => text !== '');
    return present.join(source.separator) || null;
  }
  let text = '';
  let found = false;
  for (const part of source.parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const value = runStage(part.text, document[part.field.name] ?? null);
    found ||= value !== null;
    text += (value as string | null) ?? '';
  }
  return found ? trimText(text) || null : null;
}

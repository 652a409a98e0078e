import type { PolicyPart } from '../../policy/index.ts';
import type { Draft } from '../plan/draft.ts';
import type { PlannedWrite, PlanQuestion, PlanStepInfo, WritePlan } from '../types.ts';
import { isPlace, wishValues, type NewField } from './new-field.ts';

/** Fields that a plan needs made, each once. */
export function fieldsToMake(drafts: readonly Draft[]): readonly NewField[] {
  const all = drafts.flatMap(({ makes }) => makes);
  return [...new Map(all.map((each) => [keyOf(each), each])).values()];
}

const keyOf = ({ target, wish }: NewField): string => `${String(target.stream.stream)} ${wish.name}`;

/** The fields as the first step of a plan, whose values are the second. `writes`: without fields. */
export function withFields(
  fields: readonly NewField[],
  writes: readonly PlannedWrite[],
  name: string,
): readonly PlannedWrite[] {
  if (fields.length === 0) return writes;
  const made = fields.map((field, item): PlannedWrite => {
    const { target, wish, how } = field;
    const { stream, integration, model } = target;
    return {
      item,
      step: 0,
      record: item,
      key: `${name}-${String(item)}`,
      connection: stream.connection,
      slug: stream.connectionSlug,
      integration: integration.name,
      object: stream.object.name,
      model: model?.name ?? null,
      operation: 'create_field',
      recordId: null,
      match: null,
      values: wishValues(wish),
      before: null,
      changes: [{ field: wish.name, label: 'New field', before: null, after: `${wish.label}: ${how.text}` }],
      label: wish.label,
      dedupe: how.dedupe,
      reversibility: 'none',
      // A new field moves no money, whatever is written into it afterwards.
      worth: 0,
    };
  });
  const later = writes.map((write, index): PlannedWrite => {
    const item = made.length + index;
    const places = Object.keys(write.values).filter(isPlace);
    return {
      ...write,
      item,
      key: `${name}-${String(item)}`,
      step: 1,
      ...(places.length === 0 ? {} : { made: places }),
    };
  });
  return [...made, ...later];
}

/** Absent: the plan makes no field. */
export function stepsOf(
  fields: readonly NewField[],
  { title, intent, writes }: { readonly title: string; readonly intent: string | null; readonly writes: number },
): { readonly steps?: readonly PlanStepInfo[] } {
  if (fields.length === 0) return {};
  return {
    steps: [
      { title: fields.map(makingText).join('; '), intent: null, writes: fields.length },
      { title, intent, writes },
    ],
  };
}

const makingText = ({ target: { stream }, wish }: NewField): string =>
  `Make the field "${wish.label}" of ${stream.object.label} in ${stream.connectionSlug}`;

/** In words, for whoever agrees: it is the customer's system that changes. */
export const fieldEffects = (fields: readonly NewField[]): readonly string[] =>
  fields.map(
    ({ target: { stream }, wish, how }) =>
      `${stream.connectionSlug} gets a new field "${wish.label}" (${how.text}) of ${stream.object.label}, for everybody there; an undo leaves it.`,
  );

/** Each field as a part of its own: a rule may be about its object or its name, and none spares the approval. */
export function withFieldParts(question: PlanQuestion, fields: readonly NewField[]): PlanQuestion {
  const parts = fields.map(({ target: { stream, integration, model }, wish }): PolicyPart => ({
    integration: integration.name,
    mode: integration.mode,
    connection: stream.connectionSlug,
    object: stream.object.name,
    model: model?.name ?? null,
    operation: 'create_field',
    records: 0,
    fields: [wish.name],
    rows: [],
  }));
  return { ...question, parts: [...question.parts, ...parts] };
}

export function withFieldCalls(cost: WritePlan['cost'], fields: readonly NewField[]): WritePlan['cost'] {
  const calls = new Map(cost.map(({ connection, calls: own }) => [connection, own]));
  for (const { target, how } of fields) {
    const slug = target.stream.connectionSlug;
    calls.set(slug, (calls.get(slug) ?? 0) + how.calls);
  }
  return [...calls].map(([connection, own]) => ({ connection, calls: own }));
}

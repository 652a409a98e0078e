import { isJsonObject, type Json } from '../../kernel/index.ts';

/** What an earlier step made, as a value of a later one; known when that step has succeeded. */
export interface StepResult {
  /** From 0. */
  readonly step: number;
  /** Of the step's request, from 0. */
  readonly record: number;
  /** `{id}` in it stands for the record's id; null: the id alone. */
  readonly text: string | null;
}

/** `{"from_step": 0}`, `{"from_step": 0, "record": 2, "text": "Order {id}"}`; null: an ordinary value. */
export function stepResult(value: Json): StepResult | null {
  if (!isJsonObject(value) || !Object.hasOwn(value, 'from_step')) return null;
  const { from_step: step = null, record = 0, text = null, ...others } = value;
  const isIndex = (number: Json): number is number => Number.isSafeInteger(number) && Number(number) >= 0;
  if (!isIndex(step) || !isIndex(record) || Object.keys(others).length > 0) return null;
  return text === null || typeof text === 'string' ? { step, record, text } : null;
}

export const filledText = ({ text }: StepResult, id: string): string =>
  text === null ? id : text.replaceAll('{id}', () => id);

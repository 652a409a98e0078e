import type { CustomField } from '../fields/field.ts';
import { asText } from './given.ts';

export type ReadValue =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'wrong'; readonly why: string };

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * The value of a custom field as Zendesk keeps it. Numbers of tickets travel as
 * text and dates without a time; those of organizations and users as numbers
 * and with one. Source: Zendesk, "Ticket Fields" and "User Fields".
 */
export function customValue(field: CustomField, given: unknown, owner: 'ticket' | 'keyed'): ReadValue {
  if (field.type === 'checkbox') return checkbox(given);
  if (field.type === 'multiselect') return options(field, given);
  if (given === null || given === '') return { kind: 'value', value: null };
  const text = typeof given === 'string' || typeof given === 'number' ? String(given) : null;
  if (text === null) return wrong('is invalid');
  switch (field.type) {
    case 'text':
    case 'textarea':
      return { kind: 'value', value: text };
    case 'regexp':
      return matches(field, text) ? { kind: 'value', value: text } : wrong('is invalid');
    case 'integer':
      return /^-?\d+$/.test(text) ? number(text, owner) : wrong('must be a number');
    case 'decimal':
      return /^-?\d+(\.\d+)?$/.test(text) ? number(text, owner) : wrong('must be a number');
    case 'date': {
      const day = text.slice(0, 10);
      if (!DATE.test(day) || Number.isNaN(Date.parse(day))) return wrong('is invalid');
      return { kind: 'value', value: owner === 'ticket' ? day : `${day}T00:00:00+00:00` };
    }
    case 'tagger':
    case 'dropdown':
      return field.options.some((option) => option.value === text)
        ? { kind: 'value', value: text }
        : wrong(`${text} is not a valid option`);
  }
}

function wrong(why: string): ReadValue {
  return { kind: 'wrong', why };
}

function number(text: string, owner: 'ticket' | 'keyed'): ReadValue {
  return { kind: 'value', value: owner === 'ticket' ? text : Number(text) };
}

function checkbox(given: unknown): ReadValue {
  if (given === null || given === '') return { kind: 'value', value: false };
  if ([true, 'true', 1, '1'].includes(given as string)) return { kind: 'value', value: true };
  return [false, 'false', 0, '0'].includes(given as string) ? { kind: 'value', value: false } : wrong('is invalid');
}

function options(field: CustomField, given: unknown): ReadValue {
  if (given === null) return { kind: 'value', value: [] };
  const list: readonly unknown[] = Array.isArray(given) ? (given as unknown[]) : [given];
  const unknown = list.find((one) => !field.options.some((option) => option.value === one));
  return unknown === undefined ? { kind: 'value', value: list } : wrong(`${asText(unknown)} is not a valid option`);
}

/** Ruby's anchors are those that the fields are written with. */
function matches({ regexp }: CustomField, text: string): boolean {
  if (regexp === null) return true;
  return new RegExp(regexp.replaceAll(String.raw`\A`, '^').replaceAll(/\\[zZ]/g, '$'), 'u').test(text);
}

import { parseJson } from '../../kit/index.ts';

export type Given = Readonly<Record<string, unknown>>;

export function isGiven(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object under a key of the body, or null: Zendesk wraps every record in its name. */
export function wrapped(body: string, key: string): Given | null {
  const parsed = parseJson(body);
  const inner = isGiven(parsed) ? parsed[key] : undefined;
  return isGiven(inner) ? inner : null;
}

/** The list under a key of the body, or null. */
export function wrappedList(body: string, key: string): readonly unknown[] | null {
  const parsed = parseJson(body);
  const inner = isGiven(parsed) ? parsed[key] : undefined;
  return Array.isArray(inner) ? (inner as readonly unknown[]) : null;
}

/** Tags are words: Zendesk takes a list or a text with blanks. */
export function tagList(given: unknown): readonly string[] {
  const words = Array.isArray(given) ? given.map(String) : typeof given === 'string' ? given.split(/[\s,]+/) : [];
  return [
    ...new Set(words.map((word) => word.trim().toLowerCase().replaceAll(/\s+/g, '_')).filter((word) => word !== '')),
  ];
}

export function idOrNull(given: unknown): number | null {
  const id = typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : given;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : null;
}

/** A value as text, whatever was sent in its place. */
export function asText(given: unknown): string {
  if (given === null || given === undefined) return '';
  return typeof given === 'string' ? given : JSON.stringify(given);
}

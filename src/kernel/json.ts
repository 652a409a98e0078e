import { hash } from 'node:crypto';

/** What JSON can say. Records, cursors and query parameters are made of it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * One spelling per value: object keys sorted, no white space. Two documents
 * with the same canonical text are the same document.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as JsonObject;
  const parts: string[] = [];
  for (const key of Object.keys(object).toSorted()) {
    const item = object[key];
    if (item !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(item)}`);
  }
  return `{${parts.join(',')}}`;
}

/** 16 bytes of SHA-256 as 32 hex digits: enough to tell any two documents of one object apart. */
export function contentHash(canonicalText: string): string {
  return hash('sha256', canonicalText, 'hex').slice(0, 32);
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

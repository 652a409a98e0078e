import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import type { ValueRequest } from '../../query/index.ts';

/** A value that an answer shows cut, as MCP links to a resource. A type: it goes over the wire. */
export type ValueLink = {
  readonly uri: string;
  /** `notes of crm/Account/001...` */
  readonly name: string;
  readonly mimeType: 'text/plain';
};

/** `gantry://record/crm/Account/001.../notes?object=account`: the reference, then the field. */
const SCHEME = 'gantry://record/';

/** Links for what an answer's `long_values` names. */
export function valueLinks(answer: JsonObject): ValueLink[] {
  const { long_values: named } = answer;
  if (!Array.isArray(named)) return [];
  return (named as readonly Json[]).flatMap((entry) => {
    if (!isJsonObject(entry)) return [];
    const { object, ref, field } = entry;
    if (typeof object !== 'string' || typeof ref !== 'string' || typeof field !== 'string') return [];
    return [{ uri: uriOf({ object, ref, field }), name: `${field} of ${ref}`, mimeType: 'text/plain' as const }];
  });
}

export function uriOf({ object, ref, field }: ValueRequest): string {
  const path = [...ref.split('/'), field].map(encodeURIComponent).join('/');
  return `${SCHEME}${path}?object=${encodeURIComponent(object)}`;
}

/** What a link asks for; null where it is none of ours. */
export function parseValueUri(uri: string): ValueRequest | null {
  const [path = '', query = ''] = uri.startsWith(SCHEME) ? uri.slice(SCHEME.length).split('?', 2) : [];
  const match = /^object=([^&]+)$/.exec(query);
  try {
    const parts = path.split('/').map(decodeURIComponent);
    const field = parts.at(-1) ?? '';
    if (match?.[1] === undefined || parts.length < 4 || parts.includes('')) return null;
    return { object: decodeURIComponent(match[1]), ref: parts.slice(0, -1).join('/'), field };
  } catch {
    // Half an escape sequence.
    return null;
  }
}

import { parseJson, type SandboxResponse } from '../../kit/index.ts';
import { invalidParameter } from './errors.ts';

/** What of an answer is wanted: by name, with what is wanted inside; an empty map is all of it. */
type Mask = Map<string, Mask>;

/**
 * Partial answers, `fields=items(id,status),nextPageToken` and `items/id`
 * (guide "Performance tips", "Partial response"; standard parameters of the
 * reference, `fields`). Refusals are given whole.
 */
export function partial(response: SandboxResponse, fields: string | null): SandboxResponse {
  if (fields === null || response.status !== 200 || response.body === undefined) return response;
  const mask = maskOf(fields);
  if (mask === null) return invalidParameter('fields', `Invalid field selection ${fields}`);
  return { ...response, body: JSON.stringify(cut(parseJson(response.body), mask)) };
}

function maskOf(text: string): Mask | null {
  const words = text.match(/[\w*]+|[(),/]/g) ?? [];
  if (words.join('') !== text) return null;
  let at = 0;
  const list = (): Mask | null => {
    const mask: Mask = new Map();
    for (;;) {
      const name = words[at];
      if (name === undefined || !/^[\w*]/.test(name)) return null;
      at += 1;
      const inside = within();
      if (inside === null) return null;
      mask.set(name, inside);
      if (words[at] !== ',') return mask;
      at += 1;
    }
  };
  const within = (): Mask | null => {
    const sign = words[at];
    if (sign !== '(' && sign !== '/') return new Map();
    at += 1;
    if (sign === '(') {
      const inside = list();
      const closes = words[at] === ')';
      at += 1;
      return closes ? inside : null;
    }
    const name = words[at];
    if (name === undefined || !/^[\w*]/.test(name)) return null;
    at += 1;
    const inside = within();
    return inside === null ? null : new Map([[name, inside]]);
  };
  const mask = list();
  return at === words.length ? mask : null;
}

function cut(value: unknown, mask: Mask): unknown {
  if (mask.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => cut(each, mask));
  const kept = Object.entries(value).flatMap(([name, inside]) => {
    const wanted = mask.get(name) ?? mask.get('*');
    return wanted === undefined ? [] : [[name, cut(inside, wanted)] as const];
  });
  return Object.fromEntries(kept);
}

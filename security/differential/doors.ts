import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/index.ts';

export interface Reply {
  /** Code of the error; null: there is an answer. */
  readonly error: string | null;
  readonly body: JsonObject;
  /** By the clock of this machine, before and after the call. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** An agent at the REST door; `principal` null: for itself. */
export type Ask = (principal: string | null, tool: string, args: JsonObject) => Promise<Reply>;

/** `onText` hears every text that a principal was given, and what it was asked. */
export function createAsk(
  { url, key }: { readonly url: string; readonly key: string },
  onText: (principal: string, text: string, asked: string) => void,
): Ask {
  return async (principal, tool, args) => {
    const askedAt = Date.now();
    const response = await fetch(`${url}/v1/tools/${tool}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        ...(principal === null ? {} : { 'gantry-on-behalf-of': principal }),
      },
      body: JSON.stringify(args),
    });
    const text = await response.text();
    const answeredAt = Date.now();
    if (principal !== null) onText(principal, text, JSON.stringify(args));
    const body = JSON.parse(text) as Json;
    if (!isJsonObject(body)) throw new Error(`${tool} answered no object`);
    const error = response.ok ? null : codeIn(body);
    return { error, body, askedAt, answeredAt };
  };
}

function codeIn(body: JsonObject): string {
  const inner = isJsonObject(body['error'] ?? null) ? (body['error'] as JsonObject) : body;
  return String(inner['code'] ?? 'no code');
}

export const rowsIn = ({ body }: Reply): readonly (readonly Json[])[] =>
  Array.isArray(body['rows']) ? (body['rows'] as readonly (readonly Json[])[]) : [];

/** Id of the record in a `_ref` of that object. */
export const idIn = (ref: Json | undefined, integration: string, object: string): string =>
  String(ref ?? '').slice(`${integration}/${object}/`.length);

/** All records of a native object that are shown, page by page; the error where there is one. */
export async function listAll(
  ask: Ask,
  principal: string | null,
  question: { readonly integration: string; readonly object: string; readonly fields: readonly string[] },
): Promise<{
  readonly error: string | null;
  readonly rows: ReadonlyMap<string, readonly Json[]>;
  readonly replies: readonly Reply[];
}> {
  const { integration, object, fields } = question;
  const rows = new Map<string, readonly Json[]>();
  const replies: Reply[] = [];
  let cursor: string | null = null;
  do {
    const reply: Reply = await ask(principal, 'query_records', {
      object: `${integration}.${object}`,
      fields: [...fields],
      limit: 200,
      ...(cursor === null ? {} : { cursor }),
    });
    replies.push(reply);
    if (reply.error !== null) return { error: reply.error, rows, replies };
    for (const row of rowsIn(reply)) rows.set(idIn(row.at(-1), integration, object), row.slice(0, -1));
    const next: Json | undefined = reply.body['next_cursor'];
    cursor = typeof next === 'string' ? next : null;
  } while (cursor !== null);
  return { error: null, rows, replies };
}

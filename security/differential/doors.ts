import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
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

type Hear = (principal: string, text: string, asked: string) => void;

/** `onText` hears every text that a principal was given, and what it was asked. */
export function createAsk({ url, key }: { readonly url: string; readonly key: string }, onText: Hear): Ask {
  return patient(async (principal, tool, args) => {
    const askedAt = Date.now();
    const response = await reach(`${url}/v1/tools/${tool}`, {
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
  });
}

/** A connection that idled may be closed by the server at the very moment it is used again: that says nothing of rights. */
const reach = (url: string, request: RequestInit): Promise<Response> =>
  fetch(url, request).catch((error: unknown) => {
    if (error instanceof TypeError) return fetch(url, request);
    throw error;
  });

/** Work is bounded in time, and a machine that does much else needs more of it: that says nothing of who sees what. */
const HURRIED = new Set(['sql_timeout', 'lens_timeout', 'store_timeout']);
const TRIES = 6;

/** Also rights that are being prepared: whoever asks is told to ask again. */
const isHurried = ({ error, body }: Reply): boolean =>
  error !== null &&
  (HURRIED.has(error) || (error === 'access_unknown' && JSON.stringify(body).includes('"not_read_yet"')));

const patient =
  (ask: Ask): Ask =>
  async (principal, tool, args) => {
    let reply = await ask(principal, tool, args);
    for (let tried = 1; tried < TRIES && isHurried(reply); tried += 1) {
      reply = await ask(principal, tool, args);
    }
    return reply;
  };

/** The agent at the MCP door, in the name of one user after another. */
export interface McpAsks {
  /** What the work asks is asked through MCP. */
  readonly as: <Result>(principal: string, work: (ask: Ask) => Promise<Result>) => Promise<Result>;
}

export function createMcpAsks({ url, key }: { readonly url: string; readonly key: string }, onText: Hear): McpAsks {
  return {
    as: async (principal, work) => {
      const client = new Client({ name: 'parity', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
      const headers = { authorization: `Bearer ${key}`, 'gantry-on-behalf-of': principal };
      await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }));
      try {
        const ask: Ask = async (who, tool, args) => {
          if (who !== principal) throw new Error(`this is the door of ${principal}`);
          const askedAt = Date.now();
          const result = await client.callTool({ name: tool, arguments: { ...args } });
          const answeredAt = Date.now();
          onText(principal, JSON.stringify(result), JSON.stringify(args));
          const body = (result.structuredContent ?? {}) as JsonObject;
          return { error: result.isError === true ? codeIn(body) : null, body, askedAt, answeredAt };
        };
        return await work(patient(ask));
      } finally {
        await client.close();
      }
    },
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

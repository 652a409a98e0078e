import { Client as ModernClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolNames } from '../../src/mcp/index.ts';
import { hostileTextCleaned, startMcp, type TestServer } from './fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startMcp();
});
afterAll(async () => {
  await server.stop();
});

interface AnyClient {
  readonly version: string | undefined;
  list(): Promise<{ name: string; outputSchema?: object | undefined; annotations?: object | undefined }[]>;
  call(name: string, args: Record<string, unknown>): Promise<CallResult>;
  close(): Promise<void>;
}

interface CallResult {
  readonly isError?: boolean | undefined;
  readonly structuredContent?: unknown;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
}

async function modern(key: string, mode: 'auto' | 'legacy'): Promise<AnyClient> {
  const client = new ModernClient({ name: 't', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(server.url), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    }),
  );
  return {
    version: client.getNegotiatedProtocolVersion(),
    list: async () => (await client.listTools()).tools,
    call: (name, args) => client.callTool({ name, arguments: args }),
    close: () => client.close(),
  };
}

async function legacy(key: string): Promise<AnyClient> {
  const client = new LegacyClient({ name: 't', version: '1' });
  const transport = new LegacyTransport(new URL(server.url), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  await client.connect(transport);
  return {
    version: transport.protocolVersion,
    list: async () => (await client.listTools()).tools,
    call: async (name, args) => (await client.callTool({ name, arguments: args })) as CallResult,
    close: () => client.close(),
  };
}

const clients: [string, string, (key: string) => Promise<AnyClient>][] = [
  ['client 2.4.0, negotiating', '2026-07-28', (key) => modern(key, 'auto')],
  ['client 2.4.0, legacy', '2025-11-25', (key) => modern(key, 'legacy')],
  ['sdk 1.32.2', '2025-11-25', legacy],
];

describe.each(clients)('MCP over HTTP with %s', (_name, version, connect) => {
  it('negotiates its protocol and lists every granted tool in fixed order', async () => {
    const client = await connect('full');
    expect(client.version).toBe(version);
    const tools = await client.list();
    expect(tools.map((tool) => tool.name)).toEqual([...toolNames]);
    for (const tool of tools) {
      expect(Object.keys(tool.annotations ?? {}).toSorted()).toEqual(
        ['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint'].toSorted(),
      );
    }
    await client.close();
  });

  it('does not list, and does not run, a tool that the grant lacks', async () => {
    const client = await connect('reader');
    expect((await client.list()).map((tool) => tool.name)).toEqual(['describe', 'query_records']);
    const before = server.query.asked.length;
    await expect(client.call('query_sql', { sql: 'select 1' })).rejects.toMatchObject({ code: -32602 });
    expect(server.query.asked.length).toBe(before);
    await client.close();
  });

  it('answers with structured content that fits the output schema, and the same as short text', async () => {
    const client = await connect('full');
    const tool = (await client.list()).find((one) => one.name === 'query_records');
    const result = await client.call('query_records', { object: 'deal', limit: 2 });
    expect(result.isError ?? false).toBe(false);
    const validate = new Ajv2020({ strict: false }).compile(tool?.outputSchema ?? false);
    expect(validate(result.structuredContent)).toBe(true);
    expect(result.structuredContent).toMatchObject({
      columns: ['name', 'amount', 'note', '_ref'],
      rows: [
        ['Alpha', 1200.5, hostileTextCleaned, 'crm/Opportunity/0061'],
        ['Beta\tGmbH', null, null, 'crm/Opportunity/0062'],
      ],
      next_cursor: 'c-1',
      freshness: { as_of: '2026-11-20T10:00:00Z' },
    });
    const text = result.content[0]?.text ?? '';
    expect(text.split('\n').slice(0, 3)).toEqual([
      'name\tamount\tnote\t_ref(crm/Opportunity/...)',
      `Alpha\t1200.5\t${hostileTextCleaned}\t0061`,
      '"Beta\\tGmbH"\t\t\t0062',
    ]);
    expect(text).toContain('next_cursor: c-1');
    expect(text).toContain('"as_of":"2026-11-20T10:00:00Z"');
    await client.close();
  });

  it('reports a semantic error as a result that the client accepts', async () => {
    const client = await connect('full');
    const result = await client.call('query_records', { object: 'deel' });
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toMatchObject({
      code: 'not_found',
      where: 'object',
      suggestions: ['deal'],
      retryable: false,
      request_id: expect.stringMatching(/^req_[0-9a-f]{16}$/),
    });
    expect(JSON.parse(result.content[0]?.text ?? '')).toEqual(result.structuredContent);
    await client.close();
  });

  it('names a misspelt argument and the right one', async () => {
    const client = await connect('full');
    const result = await client.call('query_records', { object: 'deal', fitler: {} });
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toMatchObject({
      code: 'bad_request',
      where: 'fitler',
      suggestions: expect.arrayContaining(['filter']),
    });
    await client.close();
  });

  it('answers an unknown tool with -32602', async () => {
    const client = await connect('full');
    await expect(client.call('drop_everything', {})).rejects.toMatchObject({ code: -32602 });
    await client.close();
  });

  it('lets nothing of an internal failure out', async () => {
    const client = await connect('full');
    const result = await client.call('query_records', { object: 'broken' });
    expect(result.structuredContent).toMatchObject({ code: 'internal', who_can_fix: 'operator' });
    expect(JSON.stringify(result)).not.toContain('secret');
    const event = server.events.at(-1);
    expect(event).toMatchObject({ errorCode: 'internal', cause: expect.any(Error) });
    expect((result.structuredContent as { request_id: string }).request_id).toBe(event?.requestId);
    await client.close();
  });
});

describe('the MCP endpoint', () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
  const headers = {
    authorization: 'Bearer full',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };

  it('asks for a key, and tells a missing one from a wrong one', async () => {
    const none = await fetch(server.url, { method: 'POST', body, headers: { ...headers, authorization: '' } });
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toBe('Bearer realm="gantry"');
    expect(await none.json()).toMatchObject({ code: 'unauthenticated', where: 'Authorization' });
    const wrong = await fetch(server.url, { method: 'POST', body, headers: { ...headers, authorization: 'Bearer x' } });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="gantry", error="invalid_token"');
  });

  it('answers in its own words when keys cannot be checked, and tells the log why', async () => {
    const outage = { ...headers, authorization: 'Bearer outage' };
    const answer = await fetch(server.url, { method: 'POST', body, headers: outage });
    expect(answer.status).toBe(500);
    const error = (await answer.json()) as { request_id: string };
    expect(error).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(server.refused.at(-1)).toMatchObject({ requestId: error.request_id, cause: expect.any(Error) });
  });

  it('refuses a key taken back between two calls', async () => {
    server.keys.set('passing', server.keys.get('full') ?? never());
    const client = await modern('passing', 'auto');
    await client.list();
    server.keys.delete('passing');
    const before = server.query.asked.length;
    await expect(client.call('query_records', { object: 'deal' })).rejects.toThrow();
    expect(server.refused.at(-1)).toMatchObject({ code: 'unauthenticated', cause: null });
    expect(server.query.asked.length).toBe(before);
    await client.close();
  });

  it.each([
    ['a rebound Host', { host: 'evil.example' }, 403],
    ['a foreign Origin', { origin: 'https://evil.example' }, 403],
    ['an opaque Origin', { origin: 'null' }, 403],
    ['its configured Host and Origin', { host: 'gantry.example', origin: 'https://gantry.example' }, 200],
    ['a loopback Origin', { origin: 'http://localhost:5173' }, 200],
  ])('with %s', async (_case, extra, status) => {
    const answer = await rawPost(server.url, { ...headers, ...extra }, body);
    expect(answer.status).toBe(status);
    if (status === 403) expect(JSON.parse(answer.text)).toMatchObject({ code: 'host_refused' });
  });

  it('checks Host before the key, so that a rebound page cannot even try keys', async () => {
    const answer = await rawPost(server.url, { ...headers, host: 'evil.example', authorization: 'Bearer x' }, body);
    expect(answer.status).toBe(403);
  });

  it('refuses a body that is too large, and goes on serving its sender', async () => {
    const big = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { pad: 'x'.repeat(300_000) } });
    for (let round = 0; round < 20; round += 1) {
      expect((await fetch(server.url, { method: 'POST', body: big, headers })).status).toBe(413);
      expect((await fetch(server.url, { method: 'POST', body, headers })).status).toBe(200);
    }
  });

  it('gives the list a private lifetime', async () => {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: { ...headers, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } }),
    });
    expect(answer.status).toBe(200);
    const { result } = (await answer.json()) as { result: object };
    expect(result).toMatchObject({ cacheScope: 'private', ttlMs: 300_000 });
  });

  it('holds each agent to its calls per minute and says when to come back', async () => {
    const client = await modern('slow', 'auto');
    await client.call('query_records', { object: 'deal' });
    await client.call('query_records', { object: 'deal' });
    const third = await client.call('query_records', { object: 'deal' });
    expect(third.isError).toBe(true);
    expect(third.structuredContent).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      retry_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    const other = await modern('full', 'auto');
    expect((await other.call('query_records', { object: 'deal' })).isError ?? false).toBe(false);
    await client.close();
    await other.close();
  });
});

/** `fetch` does not let a caller choose its Host. */
function rawPost(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function never(): never {
  throw new Error('the fixture lost its key');
}

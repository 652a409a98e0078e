import fc from 'fast-check';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/kernel/index.ts';
import { toolNames } from '../../src/mcp/index.ts';
import { openerOf } from '../support/stores.ts';
import { startMcp, type TestServer } from './fixture.ts';
import { startReal, type RealInstance } from './real-instance.ts';

const headers = {
  authorization: 'Bearer full',
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};
const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const modern = (method: string, name?: string) => ({
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': method,
  ...(name === undefined ? {} : { 'mcp-name': name }),
});
const list = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
const nested = (depth: number, inner = '1') => '{"a":'.repeat(depth) + inner + '}'.repeat(depth);

interface Said {
  readonly status: number;
  readonly error: { readonly code: number; readonly message: string } | null;
  readonly result: Record<string, unknown> | null;
}

/** What came back, whichever of the two forms it came in. Throws where it is neither. */
async function said(answer: Response): Promise<Said> {
  const text = await answer.text();
  const events = (answer.headers.get('content-type') ?? '').startsWith('text/event-stream');
  const json = events ? (/^data: (.*)$/m.exec(text)?.[1] ?? '{}') : text;
  const body = (json === '' ? {} : JSON.parse(json)) as Partial<Said>;
  return { status: answer.status, error: body.error ?? null, result: body.result ?? null };
}

let server: TestServer;
beforeAll(async () => {
  server = await startMcp();
});
afterAll(() => server.stop());

const post = async (body: RequestInit['body'], more: Record<string, string> = {}): Promise<Said> =>
  said(await fetch(server.url, { method: 'POST', headers: { ...headers, ...more }, body: body ?? null }));

/** The proof, after each blow, that the server lives. */
async function serves(): Promise<void> {
  const { status, result } = await post(list);
  expect(status).toBe(200);
  expect(result).toHaveProperty('tools');
}

describe('a body that is no request', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{"jsonrpc":'],
    ['null', 'null'],
    ['a number', '1'],
    ['an empty object', '{}'],
    ['an empty batch', '[]'],
    ['a batch of something else', '[1,2]'],
    ['another JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"tools/list"}'],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"tools/list"}'],
    ['a method that is a number', '{"jsonrpc":"2.0","id":1,"method":7}'],
    ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[1]}'],
    ['a hundred thousand lists in each other', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['two batched requests of the newer revision', `[${modernCall('{}')},${modernCall('{}')}]`],
  ])('is refused as such: %s', async (_case, body) => {
    const { status, error } = await post(body);
    expect(status).toBe(400);
    expect([-32_700, -32_600]).toContain(error?.code);
    expect(error?.message).toMatch(/\w{4}/);
    await serves();
  });

  it.each([
    ['an unknown method', 'nope/nope', -32_601],
    ['a method named like a part of every object', '__proto__', -32_601],
  ])('asks for %s, in both generations', async (_case, method, code) => {
    const old = await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method }));
    expect(old.error?.code).toBe(code);
    const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta: meta } });
    expect(await post(request, modern(method))).toMatchObject({ status: 404, error: { code } });
    await serves();
  });

  it.each(['tools/list', 'resources/list', 'resources/templates/list', 'resources/read', 'tools/call'])(
    'has the wrong params for %s, in both generations',
    async (method) => {
      const params = { cursor: 7, uri: 7, name: 7 };
      const request = { jsonrpc: '2.0', id: 1, method };
      expect((await post(JSON.stringify({ ...request, params }))).error?.code).toBe(-32_602);
      const newer = JSON.stringify({ ...request, params: { ...params, _meta: meta } });
      expect((await post(newer, modern(method, '7'))).error?.code).toBe(-32_602);
    },
  );

  it('that is large is refused unread, chunked or not, and costs nobody else anything', async () => {
    for (const body of [Buffer.alloc(10_000_000, 'x'), Buffer.from(JSON.stringify({ pad: 'x'.repeat(10_000_000) }))]) {
      const whole = await rawPost({ ...headers, 'content-length': String(body.length) }, body);
      expect(whole).toBe(413);
      expect(await rawPost({ ...headers, 'transfer-encoding': 'chunked' }, body)).toBe(413);
      expect(await rawPost({ ...headers, authorization: 'Bearer wrong' }, body)).toBe(401);
      await serves();
    }
  });

  it('with bytes that are no text is taken for the marks that stand for such bytes', async () => {
    const around = list.replace('tools/list', 'tools/call').replace('}', ',"params":{"name":"X"}}').split('X');
    const bytes = Buffer.concat([
      Buffer.from(around[0] ?? ''),
      Buffer.from([0xff, 0xc3]),
      Buffer.from(around[1] ?? ''),
    ]);
    expect(await post(bytes)).toMatchObject({ error: { code: -32_602 } });
    await serves();
  });
});

describe('headers that do not fit', () => {
  const call = modernCall('{"object":"deal"}');
  it.each<[string, string, Record<string, string>, number]>([
    ['a content type that is not JSON', list, { 'content-type': 'text/plain' }, 415],
    ['an Accept without what we send', list, { accept: 'text/html' }, 406],
    ['a protocol version that never was', list, { 'mcp-protocol-version': '1999-01-01' }, 400],
    ['a protocol version that is none', list, { 'mcp-protocol-version': 'banana' }, 400],
    ['another tool in the header than in the body', call, modern('tools/call', 'describe'), 400],
    ['another method in the header than in the body', call, modern('tools/list'), 400],
    ['no tool in the header', call, modern('tools/call'), 400],
    ['a session that nobody gave', list, { 'mcp-session-id': 'x'.repeat(2_000) }, 200],
  ])('%s', async (_case, body, more, status) => {
    expect((await post(body, more)).status).toBe(status);
    await serves();
  });

  it('twice the same are refused where they could be read in two ways', async () => {
    const twice = (name: string, ...values: string[]) =>
      rawHead(
        values.map((value) => `${name}: ${value}`),
        call,
      );
    const base = ['Mcp-Protocol-Version: 2026-07-28', 'Mcp-Method: tools/call'];
    expect(await rawHead([...base, 'Mcp-Name: query_records'], call)).toBe(200);
    expect(await rawHead([...base, 'Mcp-Name: query_records', 'Mcp-Name: describe'], call)).toBe(400);
    expect(await rawHead([...base, 'Mcp-Method: tools/list', 'Mcp-Name: query_records'], call)).toBe(400);
    expect(await twice('Host', 'evil.example')).toBe(403);
    expect(await twice('Content-Length', '1', '2')).toBe(400);
    // The first key counts; a second one does not bring anybody in.
    expect(await rawHead(['Authorization: Bearer full'], list, 'Authorization: Bearer wrong')).toBe(401);
    await serves();
  });

  it.each(['PUT', 'PATCH', 'DELETE'])('the method %s is not one of ours', async (method) => {
    expect((await fetch(server.url, { method, headers })).status).toBe(405);
  });
});

describe('any JSON at all', () => {
  const method = fc.constantFrom('tools/call', 'tools/list', 'resources/read', 'server/discover', 'initialize');
  const name = fc.oneof(fc.constantFrom('query_records', 'describe', 'get_record', 'list_connections'), fc.jsonValue());
  const request = fc.record(
    {
      jsonrpc: fc.constant('2.0'),
      id: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
      method: fc.oneof(method, fc.string()),
      params: fc.oneof(fc.record({ name, arguments: fc.jsonValue() }, { requiredKeys: [] }), fc.jsonValue()),
    },
    { requiredKeys: ['jsonrpc'] },
  );
  it('gets an answer, and never an internal error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, fc.jsonValue()), async (body) => {
        const { status, error } = await post(JSON.stringify(body));
        expect(status).toBeLessThan(500);
        // The library itself answers `initialize`, and with this code where its params do not fit.
        const asked = (body as { method?: unknown } | null)?.method;
        if (asked !== 'initialize') expect(error?.code ?? 0).not.toBe(-32_603);
      }),
      { numRuns: 300 },
    );
    await serves();
  });
});

describe('many at once', () => {
  it('bad keys get their refusal each, and good ones their answer between them', async () => {
    const before = server.refused.length;
    for (let wave = 0; wave < 20; wave += 1) {
      const bad = Array.from({ length: 100 }, (_, index) =>
        post(list, { authorization: `Bearer guess-${String(wave)}-${String(index)}` }),
      );
      const [good, ...refused] = await Promise.all([post(list), ...bad]);
      expect(good.status).toBe(200);
      expect(refused.every(({ status }) => status === 401)).toBe(true);
    }
    expect(server.refused.length - before).toBe(2_000);
    expect(server.refused.slice(before).every(({ code }) => code === 'unauthenticated')).toBe(true);
  });

  it('bodies that never end keep nobody waiting', async () => {
    const sockets = await Promise.all(Array.from({ length: 300 }, () => halfSent()));
    await serves();
    const result = await post(modernCall('{"object":"deal"}'), modern('tools/call', 'query_records'));
    expect(result).toMatchObject({ status: 200, result: { structuredContent: { columns: expect.any(Array) } } });
    for (const socket of sockets) socket.destroy();
    await serves();
  });
});

describe('questions that nobody asks', () => {
  const open = openerOf('pglite');
  let real: RealInstance;
  beforeAll(async () => {
    real = await startReal(await open());
  });
  afterAll(() => real.stop());

  const ask = async (tool: string, args: string): Promise<Said> => {
    const body = modernCall(args, tool);
    expect(body.length).toBeLessThan(limits.doorBodyBytesMax);
    const more = { ...headers, authorization: 'Bearer analyst', ...modern('tools/call', tool) };
    return said(await fetch(real.url, { method: 'POST', headers: more, body }));
  };
  const codeOf = ({ result }: Said) => (result?.['structuredContent'] as { code?: string } | undefined)?.code;

  it('any JSON as arguments of any tool is answered, and never by an internal error', async () => {
    const word = fc.constantFrom(
      'crm.Opportunity',
      'deal',
      'Name',
      'Amount',
      'StageName',
      'eq',
      'select 1',
      '__proto__',
    );
    const key = fc.constantFrom(
      'object',
      'filter',
      'fields',
      'sort',
      'limit',
      'sql',
      'id',
      'names',
      'query',
      'measures',
    );
    const value = fc.oneof(word, fc.jsonValue(), fc.array(word), fc.dictionary(word, fc.oneof(word, fc.jsonValue())));
    const args = fc.oneof(fc.dictionary(key, value), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...toolNames), args, async (tool, given) => {
        const answer = await ask(tool, JSON.stringify(given));
        expect(answer.status).toBeLessThan(500);
        expect(answer.error?.code ?? 0).not.toBe(-32_603);
        expect(codeOf(answer)).not.toBe('internal');
      }),
      { numRuns: 500 },
    );
  });

  it.each([100, 5_000, 20_000])('%i levels of nesting are refused in words', async (depth) => {
    for (const args of [
      `{"object":"crm.Opportunity","filter":${nested(depth)}}`,
      `{"object":"crm.Opportunity","filter":${'{"not":'.repeat(depth)}{"Name":"x"}${'}'.repeat(depth)}}`,
      `{"object":"crm.Opportunity","measures":[${nested(depth)}]}`,
      `{"object":"crm.Opportunity","limit":${nested(depth)}}`,
      nested(depth),
    ]) {
      const answer = await ask('query_records', args);
      expect(answer.result).toMatchObject({ isError: true });
      expect(codeOf(answer)).not.toBe('internal');
    }
  });
});

function modernCall(args: string, tool = 'query_records'): string {
  const params = `{"name":"${tool}","arguments":${args},"_meta":${JSON.stringify(meta)}}`;
  return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
}

/** The status, even where the server closes before everything is sent. */
function rawPost(head: Record<string, string>, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(server.url, { method: 'POST', headers: head }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    // After the answer this is only the rest that nobody wanted.
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends header lines as they are, after ours; `instead` replaces our key's. Resolves the status. */
function rawHead(lines: readonly string[], body: string, instead = 'Authorization: Bearer full'): Promise<number> {
  const { hostname, port } = new URL(server.url);
  const ours = [`Host: ${hostname}:${port}`, instead, `Accept: ${headers.accept}`, 'Content-Type: application/json'];
  const length = `Content-Length: ${String(Buffer.byteLength(body))}`;
  const head = ['POST /mcp HTTP/1.1', ...ours, ...lines, length, 'Connection: close'].join('\r\n');
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(`${head}\r\n\r\n${body}`));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0)));
  });
}

/** A request of which the greater part of the body never comes. */
function halfSent(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const head = ['POST /mcp HTTP/1.1', `Host: ${hostname}:${port}`, `Authorization: Bearer full`];
  const rest = [`Accept: ${headers.accept}`, 'Content-Type: application/json', 'Content-Length: 1000', '', '{"json'];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write([...head, ...rest].join('\r\n'), () => resolve(socket));
    });
    socket.on('error', reject);
  });
}

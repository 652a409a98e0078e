import { Client as ModernClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInstallation, addMadeTenant, type Installation } from '../../bench/installation.ts';
import { accounts, projectFiles } from '../../bench/made-project.ts';
import { limits } from '../../src/kernel/index.ts';
import type { ProjectFiles } from '../../src/manifest/index.ts';
import { callerContext, seen, startMcp, type TestServer } from './fixture.ts';

/** Hears of changes, and says what tools there are after each. */
interface Listener {
  /** The tools' names as of the next change that it is told of. */
  next(): Promise<string[]>;
  close(): Promise<void>;
}

type Connect = (url: string, key: string) => Promise<Listener>;

/** Values in the order in which they came, one by one. */
function mailbox<T>(): { put(value: T): void; take(): Promise<T> } {
  const waiting: ((value: T) => void)[] = [];
  const kept: T[] = [];
  return {
    put: (value) => {
      const first = waiting.shift();
      if (first === undefined) kept.push(value);
      else first(value);
    },
    take: () => {
      const [first] = kept.splice(0, 1);
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
  };
}

const withKey = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

const modern =
  (mode: 'auto' | 'legacy'): Connect =>
  async (url, key) => {
    const heard = mailbox<string[]>();
    const streams = mailbox<Response>();
    const onChanged = (error: Error | null, tools: { name: string }[] | null) =>
      heard.put(error === null ? (tools ?? []).map(({ name }) => name) : [error.message]);
    const client = new ModernClient(
      { name: 't', version: '1' },
      { versionNegotiation: { mode }, listChanged: { tools: { onChanged, debounceMs: 0 } } },
    );
    const transport = new StreamableHTTPClientTransport(new URL(url), {
      requestInit: withKey(key),
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (answer.headers.get('content-type') === 'text/event-stream') streams.put(answer);
        return answer;
      },
    });
    await client.connect(transport);
    await streams.take();
    return { next: () => heard.take(), close: () => client.close() };
  };

const legacy: Connect = async (url, key) => {
  const heard = mailbox<string[]>();
  const streams = mailbox<Response>();
  const client = new LegacyClient({ name: 't', version: '1' });
  client.setNotificationHandler(ToolListChangedNotificationSchema, async () => {
    heard.put((await client.listTools()).tools.map(({ name }) => name));
  });
  const transport = new LegacyTransport(new URL(url), {
    requestInit: withKey(key),
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      if (init?.method === 'GET') streams.put(answer);
      return answer;
    },
  });
  await client.connect(transport);
  expect((await streams.take()).status).toBe(200);
  return { next: () => heard.take(), close: () => client.close() };
};

const clients: [string, Connect][] = [
  ['client 2.4.0 (2026-07-28, subscriptions/listen)', modern('auto')],
  ['client 2.4.0 (2025-11-25, GET stream)', modern('legacy')],
  ['sdk 1.32.2 (2025-11-25, GET stream)', legacy],
];

/** The made-up project, in which the agent has a saved query as well. */
function withSavedQuery(): ProjectFiles {
  const files = new Map(projectFiles());
  files.set(
    'gantry.yaml',
    String(files.get('gantry.yaml')).replace('    grant:\n', '    grant:\n      saved_queries: [all_accounts]\n'),
  );
  files.set(
    'policies/questions.yaml',
    `saved_queries:
  all_accounts:
    title: All accounts
    why: Whom we sell to.
    query: { object: account, fields: [name] }
`,
  );
  return files;
}

describe('a revision that changes what an agent may call', () => {
  let installation: Installation;
  let url: string;
  let key: string;
  beforeAll(async () => {
    installation = await openInstallation(() => undefined);
    ({ agentKey: key } = await addMadeTenant(installation.gantry, 'acme', [accounts()]));
    url = `${(await installation.gantry.openDoors()).url}/mcp`;
  });
  afterAll(() => installation.close());

  it('is told to every client that listens, as it comes and as it goes', async () => {
    const { revisions } = installation.gantry;
    const listeners = await Promise.all(clients.map(([, connect]) => connect(url, key)));
    const all = () => Promise.all(listeners.map((one) => one.next()));
    await revisions.apply({ files: withSavedQuery(), author: 't', message: 'with' });
    for (const names of await all()) expect(names).toContain('all_accounts');
    await revisions.apply({
      files: projectFiles(),
      author: 't',
      message: 'without',
      allowBreaking: ['saved_query all_accounts'],
    });
    for (const names of await all()) {
      expect(names).toContain('query_records');
      expect(names).not.toContain('all_accounts');
    }
    for (const listener of listeners) await listener.close();
  });
});

describe('a stream of changes', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startMcp();
  });
  afterAll(() => server.stop());
  const get = (key: string, headers = {}) =>
    fetch(server.url, { headers: { ...withKey(key).headers, accept: 'text/event-stream', ...headers } });

  it.each(clients)('of one agent says nothing of another, %s', async (_name, connect) => {
    server.keys.set('one', callerContext({ agent: 'one', tools: ['describe'] }));
    server.keys.set('two', callerContext({ agent: 'two', tools: ['describe'] }));
    const [one, two] = [await connect(server.url, 'one'), await connect(server.url, 'two')];
    const told: string[][] = [];
    const listening = two.next().then((names) => told.push(names));
    // The catalogue became another one, and the tools are as they were: nothing to tell.
    server.keys.set('two', callerContext({ agent: 'two', tools: ['describe'], objects: [seen('Lead')] }));
    server.keys.set('one', callerContext({ agent: 'one', tools: ['describe', 'query_sql'] }));
    expect(await one.next()).toEqual(['describe', 'query_sql']);
    server.keys.set('one', callerContext({ agent: 'one', tools: ['query_sql'] }));
    expect(await one.next()).toEqual(['query_sql']);
    expect(told).toEqual([]);
    server.keys.set('two', callerContext({ agent: 'two', tools: [] }));
    await listening;
    expect(told).toEqual([[]]);
    await one.close();
    await two.close();
  });

  it('ends when its key is taken back', async () => {
    server.keys.set('passing', callerContext({ agent: 'passing' }));
    const answer = await get('passing');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    server.keys.delete('passing');
    expect(await answer.text()).toBe(': open\n\n');
    expect((await get('passing')).status).toBe(401);
  });

  it('is not given without a key, nor by GET in the revision that has none', async () => {
    expect((await get('nobody')).status).toBe(401);
    expect((await get('full', { 'mcp-protocol-version': '2026-07-28' })).status).toBe(405);
    expect((await get('full', { accept: 'application/json' })).status).toBe(405);
  });

  it('is refused to a key that has as many as it may, until one of them is closed', async () => {
    server.keys.set('many', callerContext({ agent: 'many' }));
    const open = await Promise.all(Array.from({ length: limits.mcpStreamsPerKeyMax }, () => get('many')));
    expect(await (await get('many')).text()).toBe(': open\n\n');
    await open.pop()?.body?.cancel();
    for (let round = 0, given = false; !given; round += 1) {
      const reader = (await get('many')).body?.getReader();
      await reader?.read();
      // A refused stream ends at once; one that was given says nothing until something changes.
      server.keys.set('many', callerContext({ agent: 'many', tools: round % 2 === 0 ? [] : ['describe'] }));
      given = (await reader?.read())?.done === false;
      await reader?.cancel();
    }
    for (const one of open) await one.body?.cancel();
  });
});

describe('over stdio', () => {
  const entry = fileURLToPath(new URL('./stdio-server.ts', import.meta.url));
  it.each(['auto', 'legacy'] as const)('a client that listed its tools hears of changes (%s)', async (mode) => {
    const heard = mailbox<string[]>();
    const onChanged = (_error: Error | null, tools: { name: string }[] | null) =>
      heard.put((tools ?? []).map(({ name }) => name));
    const client = new ModernClient(
      { name: 't', version: '1' },
      { versionNegotiation: { mode }, listChanged: { tools: { onChanged, debounceMs: 0 } } },
    );
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: ['--import', 'tsx', entry, 'growing'] }),
    );
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['describe']);
    await client.callTool({ name: 'describe', arguments: { names: ['deal'] } });
    expect(await heard.take()).toEqual(['describe', 'query_sql']);
    await client.close();
  });
});

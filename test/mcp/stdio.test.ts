import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toolNames } from '../../src/mcp/index.ts';

const entry = fileURLToPath(new URL('./stdio-server.ts', import.meta.url));
const start = (tools?: string) => ({
  command: process.execPath,
  args: ['--import', 'tsx', entry, ...(tools === undefined ? [] : [tools])],
});

describe('MCP over stdio, in a process of its own', () => {
  it.each([
    ['auto', '2026-07-28'],
    ['legacy', '2025-11-25'],
  ] as const)('serves client 2.4.0 (%s) as %s', async (mode, version) => {
    const client = new ModernClient({ name: 't', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new ModernTransport(start()));
    expect(client.getNegotiatedProtocolVersion()).toBe(version);
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual([...toolNames]);
    const result = await client.callTool({ name: 'get_record', arguments: { object: 'deal', id: '0061' } });
    expect(result.structuredContent).toMatchObject({
      rows: [['Alpha', 1200.5, 'Say yes now', 'crm/Opportunity/0061']],
    });
    await client.close();
  });

  it('serves sdk 1.32.2, and only the granted tools', async () => {
    const client = new LegacyClient({ name: 't', version: '1' });
    await client.connect(new LegacyTransport(start('describe,list_connections')));
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(['describe', 'list_connections']);
    const result = await client.callTool({ name: 'list_connections', arguments: {} });
    expect(result.structuredContent).toMatchObject({ connections: [{ connection: 'crm', health: 'ok' }] });
    await expect(client.callTool({ name: 'query_sql', arguments: { sql: 'select 1' } })).rejects.toMatchObject({
      code: -32602,
    });
    await client.close();
  });

  it('does nothing for a key that was taken back', async () => {
    const client = new ModernClient({ name: 't', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new ModernTransport(start('revoked')));
    await expect(client.listTools()).rejects.toThrow('no longer valid');
    await expect(client.callTool({ name: 'describe', arguments: { names: ['deal'] } })).rejects.toThrow(
      'no longer valid',
    );
    await client.close();
  });
});

import { createMCPClient, type MCPClient } from '@ai-sdk/mcp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolNames } from '../../src/mcp/index.ts';
import { openerOf } from '../support/stores.ts';
import { longSteps, startReal, type RealInstance } from './real-instance.ts';

describe('the MCP client of the AI SDK', () => {
  const open = openerOf('pglite');
  let instance: RealInstance;
  let client: MCPClient;
  beforeAll(async () => {
    instance = await startReal(await open());
    const headers = { authorization: 'Bearer analyst' };
    client = await createMCPClient({ transport: { type: 'http', url: instance.url, headers } });
  });
  afterAll(async () => {
    await client.close();
    await instance.stop();
  });

  it('makes tools of ours that a model could call, and gets an answer by one', async () => {
    expect(client.serverInfo).toMatchObject({ name: 'gantry' });
    const tools = await client.tools();
    expect(Object.keys(tools)).toEqual([...toolNames]);
    const answer = await tools['query_records']?.execute?.(
      { object: 'crm.Opportunity', fields: ['Name'], limit: 2 },
      { toolCallId: 'call-1', messages: [], context: undefined },
    );
    expect(answer).toMatchObject({ structuredContent: { columns: ['Name', '_ref'] } });
    expect((answer as { structuredContent: { rows: unknown[] } }).structuredContent.rows.length).toBe(2);
  });

  it('learns of a mistake what it was and how to mend it', async () => {
    const answer = await client.callTool({ name: 'query_records', arguments: { object: 'crm.Oportunity' } });
    expect(answer).toMatchObject({ isError: true, structuredContent: { suggestions: ['crm.Opportunity'] } });
  });

  it('reads the value behind a link', async () => {
    const answer = await client.callTool({
      name: 'query_records',
      arguments: {
        object: 'crm.Opportunity',
        filter: { field: 'NextStep', op: 'starts_with', value: 'Step of' },
        fields: ['Name', 'NextStep'],
      },
    });
    const content = answer['content'] as { type: string; uri?: string }[];
    const uri = content.find(({ type }) => type === 'resource_link')?.uri ?? '';
    const { contents } = await client.readResource({ uri });
    expect(contents).toMatchObject([{ uri, text: longSteps.get(59) }]);
    expect((await client.listResourceTemplates()).resourceTemplates.length).toBe(1);
  });
});

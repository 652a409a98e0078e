import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { figure, type Figure } from './figure.ts';

export interface TokensBenchOptions {
  /** The MCP endpoint of a running instance with data in it. */
  readonly url: string;
  readonly key: string;
  /** Object with at least 25 visible records, asked for with no arguments but its name. */
  readonly object: string;
}

/** The whole list of tools, also once the writing tools have joined it; a result that nobody asked to be large. */
const targets = { list: 2_500, result: 1_500 };

/** What Gantry costs in a model's context, in o200k tokens, counted on what a stock client receives. */
export async function* tokensBench(options: TokensBenchOptions): AsyncIterable<Figure> {
  const client = new Client({ name: 'gantry-bench', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  const headers = { authorization: `Bearer ${options.key}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(options.url), { requestInit: { headers } }));
  try {
    const { tools } = await client.listTools();
    yield tokens('tools/list', tools, targets.list);
    for (const tool of tools) yield tokens(`tool ${tool.name}`, tool);
    const result = await client.callTool({ name: 'query_records', arguments: { object: options.object } });
    if (result.isError === true) throw new Error(`query_records failed: ${JSON.stringify(result.structuredContent)}`);
    yield tokens('default result, text', textOf(result.content), targets.result);
    yield tokens('default result, structured', result.structuredContent, targets.result);
    const described = await client.callTool({ name: 'describe', arguments: { names: [options.object] } });
    yield tokens(`describe ${options.object}`, textOf(described.content));
  } finally {
    await client.close();
  }
}

function tokens(name: string, content: unknown, target?: number): Figure {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  // Text of customers may hold a tokenizer's control words; they count as the plain text they are.
  const samples = [countTokens(text, { disallowedSpecial: new Set() })];
  return figure({ bench: 'tokens', case: name, unit: 'tokens', samples, ...(target === undefined ? {} : { target }) });
}

function textOf(content: readonly { readonly type: string }[]): string {
  return content.map((block) => ('text' in block && typeof block.text === 'string' ? block.text : '')).join('\n');
}

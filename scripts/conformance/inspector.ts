import { toolNames } from '../../src/mcp/index.ts';
import type { RunOutside } from './outside-tools.ts';

/** The inspector as a stock client of the product: lists its tools and asks a question. Returns how many answers are wrong. */
export async function checkInspector(
  run: RunOutside,
  server: { readonly url: string; readonly key: string },
  say: (line: string) => void,
): Promise<number> {
  const ask = async (args: readonly string[]): Promise<unknown> => {
    const header = ['--header', `Authorization: Bearer ${server.key}`];
    const ran = await run('mcp-inspector', ['--cli', server.url, '--transport', 'http', ...header, ...args]);
    if (ran.code !== 0) throw new Error(`the inspector failed (${String(ran.code)}): ${ran.stderr}${ran.stdout}`);
    return JSON.parse(ran.stdout);
  };
  const { tools } = (await ask(['--method', 'tools/list'])) as { tools: { name: string }[] };
  const listed = tools.map(({ name }) => name).join() === toolNames.join();
  say(`  ${listed ? '✓' : '✗'} tools/list: ${String(tools.length)} tools`);
  const call = ['--method', 'tools/call', '--tool-name', 'query_records'];
  const question = ['--tool-arg', 'object=crm.Opportunity', '--tool-arg', 'fields=["Name"]', '--tool-arg', 'limit=3'];
  const result = (await ask([...call, ...question])) as {
    isError?: boolean;
    structuredContent?: { columns?: string[]; rows?: unknown[][] };
  };
  const { columns = [], rows = [] } = result.structuredContent ?? {};
  const answered = result.isError !== true && columns.join() === 'Name,_ref' && rows.length === 3;
  say(`  ${answered ? '✓' : '✗'} tools/call query_records: ${String(rows.length)} rows of ${columns.join(', ')}`);
  return [listed, answered].filter((ok) => !ok).length;
}

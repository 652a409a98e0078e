import type { Stage } from '../stage/open-stage.ts';
import type { Terminal } from './terminal.ts';

/** Prints how to reach everything and waits for Ctrl-C. */
export async function stayUp(stage: Stage, terminal: Terminal): Promise<void> {
  terminal.heading('Everything is up. Ctrl-C ends it.');
  terminal.line(`  MCP         ${stage.url}/mcp`);
  terminal.line(`  REST        ${stage.url}/v1/openapi.json`);
  terminal.line(`  agent key   ${stage.agentKey}`);
  terminal.line(`  operator    ${stage.operatorKey}`);
  for (const [name, sandbox] of [
    ['Salesforce', stage.crm],
    ['Zendesk', stage.support],
  ] as const) {
    const user = sandbox.health.users[0];
    terminal.line(`  ${name.padEnd(11)} ${sandbox.url}  (${user?.username ?? ''} / ${user?.password ?? ''})`);
  }
  terminal.heading('Configuration for an MCP client');
  const server = {
    type: 'http',
    url: `${stage.url}/mcp`,
    headers: { Authorization: `Bearer ${stage.agentKey}` },
  };
  terminal.line(JSON.stringify({ mcpServers: { gantry: server } }, null, 2));
  terminal.heading('Try');
  terminal.line(
    `  curl -s ${stage.url}/v1/tools/query_records -H 'authorization: Bearer ${stage.agentKey}' \\\n` +
      `    -H 'content-type: application/json' -d '{"object":"deal","filter":{"kind":"renewal"},"sort":[{"field":"amount","dir":"desc"}],"limit":5}'`,
  );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

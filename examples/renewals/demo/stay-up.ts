import type { SandboxUser } from '../../../sandbox/client/index.ts';
import type { Stage } from '../stage/open-stage.ts';
import { titles } from './first-load.ts';
import type { Terminal } from './terminal.ts';

/** Prints how to reach everything and waits for Ctrl-C. */
export async function stayUp(stage: Stage, terminal: Terminal): Promise<void> {
  terminal.heading('Everything is up. Ctrl-C ends it.');
  terminal.line(`  MCP         ${stage.url}/mcp`);
  terminal.line(`  REST        ${stage.url}/v1/openapi.json`);
  terminal.line(`  console     ${stage.url}/console  (sign in with the operator key)`);
  terminal.line(`  agent key   ${stage.agentKey}  (customer acme)`);
  const globexKey = await stage.globex?.keyFor('renewals-copilot');
  if (globexKey !== undefined) terminal.line(`  agent key   ${globexKey}  (customer globex)`);
  terminal.line(`  agent key   ${await stage.acme.keyFor('renewals-desk')}  (customer acme; this one may write, too)`);
  terminal.line(`  operator    ${stage.operatorKey}  (makes other operators; decides nothing itself)`);
  for (const customer of [stage.acme, ...(stage.globex === null ? [] : [stage.globex])]) {
    for (const sandbox of customer.systems.values()) {
      const user = sandbox.health.users[0];
      const name = titles[sandbox.health.provider] ?? sandbox.health.provider;
      terminal.line(`  ${`${customer.tenant} ${name}`.padEnd(22)} ${sandbox.url}  (${signInOf(user)})`);
    }
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
  terminal.line('');
  terminal.line(`  export GANTRY_PUBLIC_URL=${stage.url} GANTRY_OPERATOR_KEY=${stage.operatorKey}`);
  terminal.line('  npx gantry operators add YOUR.NAME --role approver   # a key that may decide');
  terminal.line('  npx gantry approvals --tenant acme; npx gantry audit --tenant acme');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

const signInOf = (user: SandboxUser | undefined): string => `${user?.username ?? ''} / ${user?.password ?? ''}`;

/**
 * `node torture/proxy/main.ts --target http://127.0.0.1:4001 --seed 7`: a line
 * between Gantry and a provider that misbehaves as it is told to. Prints one
 * line of JSON with its addresses; is told over loopback what to do:
 * `POST /plan` (a FaultPlan), `POST /calm` (no more faults, what hangs is cut),
 * `GET /state` (what went through, tokens that were handed out).
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import type { Exchange } from './exchange.ts';
import { calm, faultOf, type FaultPlan } from './fault.ts';
import { pick, seeded } from './random.ts';
import { openTunnel, type Tunnel } from './tunnel.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    port: { type: 'string', default: '0' },
  },
});
const target = new URL(values.target ?? '');
const random = seeded(Number(values.seed));
const KEPT = 200_000;

let plan: FaultPlan = calm;
let left: number | null = null;
const exchanges: Exchange[] = [];
const tokens = new Set<string>();
const open = new Set<Tunnel>();

const line = createServer((client) => {
  const tunnel = openTunnel(client, {
    target: { host: target.hostname, port: Number(target.port) },
    own: { host: '127.0.0.1', port: portOf(line) },
    draw: ({ path }) => {
      // Drawn always, so that the same seed gives the same faults whatever came before.
      const chance = random();
      const { exactly, kinds, share } = plan;
      if ((kinds.length === 0 && exactly === undefined) || chance >= share || left === 0) return null;
      if (!path.startsWith(plan.path ?? '')) return null;
      left = left === null ? null : left - 1;
      return exactly ?? faultOf(pick(random, kinds), random);
    },
    onExchange: (exchange) => {
      if (exchanges.length < KEPT) exchanges.push(exchange);
    },
    onToken: (token) => tokens.add(token),
  });
  open.add(tunnel);
  client.on('close', () => open.delete(tunnel));
});

const control = createHttpServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const asked = `${request.method ?? ''} ${request.url ?? ''}`;
    const answer = obey(asked, body);
    response.writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(answer ?? { error: `no control call ${asked}` }));
  });
});

function obey(asked: string, body: string): object | null {
  switch (asked) {
    case 'POST /plan':
      plan = JSON.parse(body) as FaultPlan;
      left = plan.times;
      return plan;
    case 'POST /calm': {
      plan = calm;
      return { cut: [...open].filter((tunnel) => tunnel.calm()).length };
    }
    case 'GET /state':
      return { exchanges, tokens: [...tokens] };
    default:
      return null;
  }
}

const listening = (
  server: { listen(port: number, host: string, done: () => void): unknown },
  port: number,
): Promise<void> =>
  new Promise((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });

await listening(line, Number(values.port));
await listening(control, 0);
function portOf(server: { address(): string | AddressInfo | null }): number {
  return (server.address() as AddressInfo).port;
}
process.stdout.write(
  `${JSON.stringify({ url: `http://127.0.0.1:${String(portOf(line))}`, control: `http://127.0.0.1:${String(portOf(control))}` })}\n`,
);

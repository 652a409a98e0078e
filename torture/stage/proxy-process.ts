import { spawn } from 'node:child_process';
import type { Exchange } from '../proxy/exchange.ts';
import type { FaultPlan } from '../proxy/fault.ts';

export interface ProxyProcess {
  /** Where the provider seems to be. */
  readonly url: string;
  readonly control: string;
  plan(plan: FaultPlan): Promise<void>;
  /** No more faults; what hangs is cut. */
  calm(): Promise<void>;
  stop(): void;
}

export interface ProxyState {
  readonly exchanges: readonly Exchange[];
  readonly tokens: readonly string[];
}

/** `program`: what node is to run, with what comes before it. */
export async function startProxy(program: readonly string[], target: string, seed: number): Promise<ProxyProcess> {
  const words = [...program, '--target', target, '--seed', String(seed)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes('\n')) resolve(out);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the proxy ended before it was ready')));
  });
  const { url, control } = JSON.parse(line) as { url: string; control: string };
  const tell = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(`${control}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the proxy answered ${String(answer.status)}`);
    await answer.arrayBuffer();
  };
  return {
    url,
    control,
    plan: (plan) => tell('/plan', plan),
    calm: () => tell('/calm', {}),
    stop: () => void child.kill('SIGKILL'),
  };
}

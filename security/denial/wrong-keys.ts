import { ask } from '../stage/ask.ts';
import type { SecurityStage } from '../stage/security-stage.ts';
import type { Tally } from '../suite.ts';

const CALLS = 100;
const BATCHES = 8;
/** Where they are too dear, others of the machine may have been at work: so many batches before that counts. */
const BATCHES_MAX = 32;
/** Of one call with a wrong key, beyond what any call costs. */
const COST_MS_MAX = 1;
/** A busy machine makes every call dearer: then so many times the cost of a call that looks nothing up. */
const TIMES_MAX = 3;

/**
 * What a wrong key costs in processor time, client, server and database of this
 * process together, beyond a call that is refused without looking anything up. Both take turns, in
 * short batches of which the cheapest counts: the service behind works on.
 */
export async function costOfWrongKeys(stage: SecurityStage, tally: Tally): Promise<void> {
  const wrong = (at: number): string => `gta_${String(at).padStart(8, '0')}${'x'.repeat(32)}`;
  const batch = async (bearer: (at: number) => string, path: string, method: string): Promise<number> => {
    const before = process.cpuUsage();
    for (let at = 0; at < CALLS; at += 1) await ask(stage, bearer(at + before.user), method, path, {});
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000 / CALLS;
  };
  for (const [path, method, bearer] of [
    ['/v1/query', 'POST', wrong],
    ['/v1/tools', 'GET', wrong],
    ['/v1/subscriptions?tenant=acme', 'GET', (at: number) => `gto_${wrong(at)}`],
    ['/mcp', 'POST', wrong],
    ['/v1/query', 'POST', (at: number) => `eyJhbGciOiJFUzI1NiJ9.${Buffer.from(String(at)).toString('base64url')}.x`],
  ] as const) {
    const [floors, costs]: [number[], number[]] = [[], []];
    let [floor, cost, isCheap] = [0, 0, false];
    for (let at = 0; at < BATCHES || (!isCheap && at < BATCHES_MAX); at += 1) {
      floors.push(await batch(() => 'x', '/v1/no-such-address', method));
      costs.push(await batch(bearer, path, method));
      floor = Math.min(...floors);
      cost = Math.min(...costs) - floor;
      isCheap = cost < Math.max(COST_MS_MAX, TIMES_MAX * floor);
    }
    tally.check(
      isCheap,
      () => `${method} ${path} with a wrong key costs ${cost.toFixed(2)} ms (any call ${floor.toFixed(2)} ms)`,
    );
  }
}

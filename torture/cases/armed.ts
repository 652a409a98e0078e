import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from '../scene.ts';
import type { GantryProcess } from '../stage/gantry-process.ts';

const REACH_MS = 20_000;

/** Starts a process that dies at a point, does what makes it pass that point, and waits for its end. False: it lived on. */
export async function armed(
  { result }: Scene,
  process: GantryProcess,
  order: string,
  act: () => Promise<void>,
): Promise<boolean> {
  await process.kill();
  const life = await process.start({ GANTRY_CRASH_AT: order });
  await act();
  const died = await Promise.race([life.ended.then(() => true), sleep(REACH_MS, false)]);
  if (died) result.covered.add(order.slice(0, order.lastIndexOf(':')));
  return died;
}

import type { GantryProcess } from '../stage/gantry-process.ts';
import type { Stage } from '../stage/open-stage.ts';

/** Leaves one worker alone, so that whatever is done is done by it. */
export async function onlyWorker({ workers }: Stage): Promise<GantryProcess> {
  const [first, ...others] = workers;
  if (first === undefined) throw new Error('a worker is needed');
  for (const other of others) await other.kill();
  return first;
}

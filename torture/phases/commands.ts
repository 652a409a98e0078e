import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandAct } from '../acts/act.ts';
import { accuse, type Scene } from '../scene.ts';
import { ordersOf, reachedInText, type Round } from './round.ts';

/** A command that died after its commit has done it: given again, it may say that there is such a thing, or no longer one. */
const DONE = /\[(store_name_taken|not_found)\]/;
const API_BACK_MS = 300;

let words = 0;

/** A command dies and is given again, until it comes by no point that is left: then it must work, or say that it is done. */
export async function runCommand(scene: Scene, round: Round, act: CommandAct): Promise<void> {
  const { stage } = scene;
  const word = `${String(round.hit)}-${String((words += 1))}`;
  const line = await act.words(scene, word);
  const env = (await act.env?.(scene, word)) ?? {};
  let committed = false;
  for (;;) {
    const orders = ordersOf(round);
    const { code, err } = await stage.command(line, {
      ...env,
      GANTRY_REHEARSAL: '1',
      ...(orders === '' ? {} : { GANTRY_CRASH_AT: orders }),
    });
    const point = code === null ? reachedInText(err) : null;
    if (point !== null) {
      round.left.delete(point);
      round.deaths.command += 1;
      committed ||= point.endsWith('.after_commit');
      stage.timeline.note('command', `gantry ${line.join(' ')}: killed at ${point}`);
    } else if (err.includes('No server answers')) {
      // The API dies as the others do, and is started again meanwhile.
      if (Date.now() >= scene.until) return;
      await sleep(API_BACK_MS);
    } else {
      if (code !== 0 && !(committed && DONE.test(err))) {
        const what = `gantry ${line.join(' ')} ends with ${String(code)} after it was killed: ${err.slice(-300)}`;
        accuse(scene, 'crashes', { invariant: 'I10', what });
      }
      return;
    }
  }
}

import { Enough, newTally, type SuiteOptions, type SuiteResult, type Tally } from '../suite.ts';
import { allEnded } from './all-ended.ts';
import { openParityStages } from './stage.ts';
import type { System } from './system.ts';
import { googleCalendar } from './systems/google-calendar.ts';
import { odoo } from './systems/odoo.ts';
import { salesforce } from './systems/salesforce.ts';
import { zendesk } from './systems/zendesk.ts';
import { compareTogether } from './together.ts';

export const systems: readonly System[] = [salesforce, zendesk, odoo, googleCalendar];

/** Systems of one customer that feed the same models; the calendar feeds none that is compared. */
const groups = (chosen: readonly System[]): (readonly System[])[] =>
  [[salesforce, zendesk], [odoo], [googleCalendar]]
    .map((group) => group.filter((system) => chosen.includes(system)))
    .filter((group) => group.length > 0);

export type DifferentialOptions = Omit<SuiteOptions, 'stage'>;

/** These systems in one process, side by side. `over`: nobody waits for the rest. */
export async function runDifferential(
  options: DifferentialOptions,
  chosen = systems,
  over: AbortSignal = new AbortController().signal,
): Promise<SuiteResult> {
  const tally = endingWith(over, newTally(options));
  const stages = await openParityStages(chosen, options.seed);
  try {
    await allEnded(
      groups(chosen).map(async (group) => compareTogether(await stages.open(group, options.users), options, tally)),
    );
  } finally {
    await stages.close();
  }
  return tally.result();
}

/** An attempt after the end raises `Enough`; the first failure of an impatient run ends the groups beside it. */
function endingWith(over: AbortSignal, tally: Tally): Tally {
  let isOver = false;
  return {
    ...tally,
    check: (good, what) => {
      if (isOver || over.aborted) throw new Enough(tally.result());
      try {
        tally.check(good, what);
      } catch (error) {
        isOver = true;
        throw error;
      }
    },
  };
}

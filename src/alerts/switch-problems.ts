import type { SwitchRow } from '../store/index.ts';
import { scopeText } from '../switches/index.ts';
import { problemOf, type Problem } from './problem.ts';

/** What is stopped, one by one; a look comes with each that is thrown or lifted. What stops everybody is told of the installation. */
export const switchProblems = (switches: readonly SwitchRow[], tenant: string): Problem[] =>
  switches.filter(({ scope }) => scope !== 'global').map((each) => problemIn(each, ` --tenant ${tenant}`));

export const globalSwitchProblems = (switches: readonly SwitchRow[]): Problem[] =>
  switches.map((each) => problemIn(each, ''));

function problemIn(row: SwitchRow, whose: string): Problem {
  const { id, mode, reason, thrownBy, thrownAt, trigger, liftAskedBy } = row;
  const by = trigger === null ? thrownBy : `The trigger ${trigger}`;
  const asked = liftAskedBy === null ? '' : ` ${liftAskedBy} has asked for it to be lifted.`;
  return problemOf({
    topic: 'switch.thrown',
    subject: String(id),
    since: thrownAt,
    title: `Stopped: ${scopeText(row)} (${mode})`,
    detail: `${by} stopped it: ${reason}${asked}`,
    who: 'operator',
    fix: `When it is mended, two people lift it: gantry kill lift ${String(id)}${whose} --reason "..."`,
  });
}

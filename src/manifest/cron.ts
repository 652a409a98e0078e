import { Cron } from 'croner';

/** Times of day and days in a time zone: `0 6 * * 1-5` in `Europe/Berlin`. */
export interface Times {
  readonly cron: string;
  readonly timeZone: string;
}

/** What is wrong with it, in words; null: nothing. */
export function cronProblem({ cron, timeZone }: Times): string | null {
  if (!/^\S+(?: +\S+){4}$/.test(cron.trim())) return `\`${cron}\` has not five fields.`;
  try {
    return nextTime({ cron, timeZone }, new Date(0)) === null ? `\`${cron}\` never comes.` : null;
  } catch {
    return `\`${cron}\` in \`${timeZone}\` is no time.`;
  }
}

/** The first such time after `after`; null: there is none. Pure: nothing is scheduled here. */
export function nextTime({ cron, timeZone }: Times, after: Date): Date | null {
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(after);
}

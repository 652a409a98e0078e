/** `90d`, `12w`, `6m`, `2y` as days; a month counts 30, a year 365. The shapes admit these units only. */
export const daysIn = (age: string): number => amount(age) * days[age.at(-1) as keyof typeof days];

/** `30s`, `5m`, `1h`, `1d` as seconds. */
export const secondsIn = (time: string): number => amount(time) * seconds[time.at(-1) as keyof typeof seconds];

const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const days = { d: 1, w: 7, m: 30, y: 365 } as const;

const amount = (text: string): number => Number(text.slice(0, -1));

/** `every: never`: longer than anybody waits, and small enough for the column. */
export const neverS = 2_000_000_000;

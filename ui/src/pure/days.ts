const DAY_MS = 86_400_000;
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

export interface Span {
  readonly from: Date;
  readonly to: Date | null;
}

/** `today`, `yesterday`, a day of the week (the last one that is over), `2026-11-17`; null: no day. Days are the browser's. */
export function dayIn(word: string, now: Date): Span | null {
  const begin = new Date(now);
  begin.setHours(0, 0, 0, 0);
  const weekday = weekdays.indexOf(word);
  if (word === 'yesterday') begin.setDate(begin.getDate() - 1);
  else if (weekday !== -1) begin.setDate(begin.getDate() - ((begin.getDay() - weekday + 6) % 7) - 1);
  else if (/^\d{4}-\d\d-\d\d$/.test(word) && !Number.isNaN(Date.parse(word))) {
    return dayFrom(new Date(`${word}T00:00:00`));
  } else if (word !== 'today') return null;
  return dayFrom(begin);
}

function dayFrom(from: Date): Span {
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return { from, to };
}

/** `24h`, `7d`, `30m`, `2w`: from so long ago on; null: no span. */
export function spanIn(word: string, now: Date): Span | null {
  const [, count, unit] = /^(\d{1,5})(m|h|d|w)$/.exec(word) ?? [];
  const ms = { m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS }[unit ?? ''];
  return count === undefined || ms === undefined
    ? null
    : { from: new Date(now.getTime() - Number(count) * ms), to: null };
}

/** Times in words. All pure: now is given. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `2 days 3 h`, `3 h 12 min`, `12 min`, `45 s`: the two largest units. */
export function spanText(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1_000)) * 1_000;
  const days = Math.floor(whole / DAY_MS);
  const hours = Math.floor((whole % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((whole % HOUR_MS) / MINUTE_MS);
  if (days > 0)
    return joined([`${String(days)} ${days === 1 ? 'day' : 'days'}`, hours > 0 ? `${String(hours)} h` : '']);
  if (hours > 0) return joined([`${String(hours)} h`, minutes > 0 ? `${String(minutes)} min` : '']);
  if (minutes > 0) return `${String(minutes)} min`;
  return `${String(Math.floor(whole / 1_000))} s`;
}

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');

export interface TimeLeft {
  readonly text: string;
  /** `soon`: a tenth of the whole time, or less, is left. */
  readonly urgency: 'calm' | 'soon' | 'late';
}

/** What is left of the time between `asked` and `due`. */
export function timeLeft({ asked, due, now }: { asked: Date; due: Date; now: Date }): TimeLeft {
  const left = due.getTime() - now.getTime();
  if (left < 0) return { text: `${spanText(-left)} overdue`, urgency: 'late' };
  const whole = due.getTime() - asked.getTime();
  return { text: `${spanText(left)} left`, urgency: left <= whole / 10 ? 'soon' : 'calm' };
}

export const agoText = (at: Date, now: Date): string => {
  const ms = now.getTime() - at.getTime();
  return ms < MINUTE_MS ? 'just now' : `${spanText(ms)} ago`;
};

export const dayText = (at: Date): string =>
  at.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

export const clockText = (at: Date): string => at.toLocaleTimeString('en-GB');

import { limits } from '../kernel/index.ts';
import { cleanDescription } from '../mapping/index.ts';
import { topics, type Severity, type Topic, type WhoFixes } from './topics.ts';

/** Something that is wrong now. */
export interface Problem {
  /** The same for as long as it is the same problem: topic and subject. */
  readonly key: string;
  readonly topic: Topic;
  readonly severity: Severity;
  /** Since when it is so; null: not known, so it counts from when it is noticed. */
  readonly since: Date | null;
  /** One line. */
  readonly title: string;
  /** What it means, in words for people who did not write the program. */
  readonly detail: string;
  readonly who: WhoFixes;
  /** What they do. */
  readonly fix: string;
}

export interface ProblemDraft extends Pick<Problem, 'topic' | 'since' | 'title' | 'detail' | 'who' | 'fix'> {
  /** What of the tenant it is about: stable names or numbers. */
  readonly subject: string;
  readonly severity?: Severity;
}

/**
 * Names in it may be whatever a customer or provider chose: characters that
 * are not seen go, and all is bounded. How it is written where formatting
 * counts is for whoever sends it.
 */
export function problemOf({ subject, severity, title, detail, fix, ...rest }: ProblemDraft): Problem {
  return {
    ...rest,
    key: subject === '' ? rest.topic : `${rest.topic} ${subject}`,
    severity: severity ?? topics[rest.topic].severity,
    title: plain(title, limits.alertTitleCharsMax),
    detail: plain(detail, limits.alertTextCharsMax),
    fix: plain(fix, limits.alertTextCharsMax),
  };
}

/** cleanDescription keeps fewer characters than a text may have: it is cleaned word by word. */
function plain(text: string, most: number): string {
  const words = text.split(/\s+/u).map((word) => cleanDescription(word));
  const characters = [...words.filter((word) => word !== '').join(' ')];
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
}

/** `3 records`, `1 record`. */
export const counted = (count: number, one: string, many: string): string =>
  `${String(count)} ${count === 1 ? one : many}`;

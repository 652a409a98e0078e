import { dayIn, spanIn, type Span } from './days.ts';

/** What the audit is asked, as `GET /v1/audit` takes it. */
export interface Question {
  readonly about?: string;
  readonly agent?: string;
  readonly person?: string;
  readonly connection?: string;
  readonly plan?: string;
  readonly kind?: string;
  readonly from?: string;
  readonly to?: string;
  readonly amount_from?: string;
  readonly amount_to?: string;
}

export interface Understood {
  readonly question: Question;
  /** What was understood, a phrase each. */
  readonly phrases: readonly string[];
}

/** Words that say what kind of thing happened. Maps: `constructor` is a word like any other. */
const kinds: ReadonlyMap<string, string> = new Map(
  Object.entries({
    changes: 'write_ended,write_unknown,write_settled',
    writes: 'write_ended,write_unknown,write_settled',
    approvals:
      'approval_asked,approval_decided,approval_expired,approval_reminded,approval_escalated,approval_delegated,delegation_ended,glass_broken,review_opened,review_done',
    plans: 'plan_prepared,plan_committed,plan_refused,plan_sent_back,plan_withdrawn,plan_expired,plan_ended',
    undone: 'undo_prepared,take_back_begun,step_turned_back,step_taken_back,take_back_stuck,take_back_said',
    erasures: 'subject_erased,erasure_lifted,offboarding_asked,offboarding_done',
    stops: 'switch_thrown,switch_lift_asked,switch_lifted',
    calls: 'tool_called',
    configuration: 'configuration_changed,sign_in_link_made',
  }),
);

/** Words that people put in and that say nothing to us. */
const fillers = new Set(
  'what which who did do does was were is the a an with to about account record happened happen on at all everything and'.split(
    ' ',
  ),
);

/** A word that is followed by a name. */
const named: ReadonlyMap<string, 'agent' | 'person' | 'connection'> = new Map(
  Object.entries({
    by: 'agent',
    agent: 'agent',
    for: 'person',
    person: 'person',
    in: 'connection',
    system: 'connection',
  } as const),
);

interface Reading {
  readonly words: readonly string[];
  readonly now: Date;
  readonly found: { -readonly [name in keyof Question]?: string };
  readonly phrases: string[];
  readonly about: string[];
}

/**
 * A question in words: `what did the agent do with account 4471 last tuesday`,
 * `changes by copilot in crm over 500 since 7d`. What is no filter is what it is about.
 */
export function understand(text: string, now: Date): Understood {
  const words = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) =>
    quoted === undefined ? (word ?? '').replace(/[?.,!]+$/, '') : `"${quoted}"`,
  );
  const reading: Reading = { words, now, found: {}, phrases: [], about: [] };
  for (let at = 0; at < words.length;) at += takeWord(reading, at);
  const about = reading.about.join(' ').trim();
  if (about !== '') {
    reading.found.about = about;
    reading.phrases.unshift(`about ${about}`);
  }
  return { question: reading.found, phrases: reading.phrases };
}

/** How many words it took. */
function takeWord(reading: Reading, at: number): number {
  const { words, found, phrases, about } = reading;
  const word = words[at] ?? '';
  if (word.startsWith('"')) {
    about.push(word.slice(1, -1));
    return 1;
  }
  const low = word.toLowerCase();
  const took = takeTime(reading, at) || takeAmount(reading, at);
  if (took > 0) return took;
  const next = words[at + 1];
  const name = named.get(low);
  // `the agent do`: no name follows.
  if (name !== undefined && next !== undefined && !fillers.has(next.toLowerCase())) {
    found[name] = next.replaceAll('"', '');
    phrases.push(`${{ agent: 'by', person: 'for', connection: 'in' }[name]} ${found[name]}`);
    return 2;
  }
  const kind = kinds.get(low);
  if (kind !== undefined) {
    found.kind = kind;
    phrases.push(`${low} only`);
  } else if (low.startsWith('plan_')) {
    found.plan = word;
    phrases.push(`of ${word}`);
  } else if (!fillers.has(low) && name === undefined && low !== '') about.push(word);
  return 1;
}

function takeTime(reading: Reading, at: number): number {
  const word = (reading.words[at] ?? '').toLowerCase();
  const next = (reading.words[at + 1] ?? '').toLowerCase();
  if (word === 'since' || word === 'last' || word === 'on') {
    const span = spanIn(next, reading.now) ?? dayIn(next, reading.now);
    if (span === null) return 0;
    noteSpan(reading, word === 'since' ? { from: span.from, to: null } : span, `${word} ${next}`);
    return 2;
  }
  const day = dayIn(word, reading.now);
  if (day === null) return 0;
  noteSpan(reading, day, word);
  return 1;
}

function noteSpan({ found, phrases }: Reading, { from, to }: Span, said: string): void {
  found.from = from.toISOString();
  if (to === null) delete found.to;
  else found.to = to.toISOString();
  const day = from.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
  phrases.push(`${said} (${to === null ? `from ${day} on` : day})`);
}

const sides: ReadonlyMap<string, 'amount_from' | 'amount_to'> = new Map([
  ['over', 'amount_from'],
  ['above', 'amount_from'],
  ['under', 'amount_to'],
  ['below', 'amount_to'],
]);

function takeAmount({ words, found, phrases }: Reading, at: number): number {
  const word = (words[at] ?? '').toLowerCase();
  const number = (words[at + 1] ?? '').replaceAll(',', '');
  const side = sides.get(word);
  if (side === undefined || !/^\d+(\.\d+)?$/.test(number)) return 0;
  found[side] = number;
  phrases.push(`worth ${number} or ${side === 'amount_from' ? 'more' : 'less'}`);
  return 2;
}

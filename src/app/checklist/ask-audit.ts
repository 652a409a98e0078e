import type { AuditUseCases, Operator } from '../../api/index.ts';
import { isJsonObject, type Clock, type JsonObject } from '../../kernel/index.ts';
import type { AuditFact } from './facts.ts';

/** Asks about the newest thing that can be asked about, as whoever has to answer for it would, and whether the answer has it. */
export async function askAudit(
  { audit, clock }: { readonly audit: AuditUseCases; readonly clock: Clock },
  { slug: tenant, operator }: { readonly slug: string; readonly operator: Operator },
): Promise<AuditFact> {
  const newest = entriesIn(await audit.search(operator, { tenant, limit: ENTRIES_LOOKED_AT }));
  const asked = newest.map(questionOf).find((each) => each !== null);
  if (asked === undefined) return { kind: 'empty' };
  const begin = clock.monotonicMs();
  const answers = entriesIn(await audit.search(operator, { tenant, ...asked.about, limit: ENTRIES_LOOKED_AT }));
  const tookMs = clock.monotonicMs() - begin;
  const { ok, entries } = await audit.verify(operator, { tenant });
  return {
    kind: 'asked',
    question: asked.words,
    answers: answers.length,
    found: answers.some(({ seq }) => seq === asked.seq),
    tookMs,
    verified: ok === true,
    entries: Number(entries),
  };
}

interface Asked {
  readonly seq: unknown;
  readonly about: { readonly about?: string; readonly agent?: string; readonly from: Date; readonly to: Date };
  readonly words: string;
}

/** What an agent did with a record on that day, or what it did at all; null: nothing that anybody would ask by. */
function questionOf({ seq, at, actor, subject }: JsonObject): Asked | null {
  if (!isJsonObject(actor) || !isJsonObject(subject) || typeof at !== 'string') return null;
  const { agent } = actor;
  const { record } = subject;
  if (typeof agent !== 'string' && typeof record !== 'string') return null;
  const from = new Date(`${at.slice(0, 10)}T00:00:00.000Z`);
  const to = new Date(from.getTime() + DAY_MS);
  const who = typeof agent === 'string' ? agent : null;
  const what = typeof record === 'string' ? record : null;
  return {
    seq,
    about: { from, to, ...(who === null ? {} : { agent: who }), ...(what === null ? {} : { about: what }) },
    words: `“what happened${what === null ? '' : ` with ${what}`}${who === null ? '' : ` by ${who}`} on ${at.slice(0, 10)}”`,
  };
}

const entriesIn = ({ entries }: JsonObject): JsonObject[] =>
  Array.isArray(entries) ? entries.filter((each): each is JsonObject => isJsonObject(each)) : [];

const ENTRIES_LOOKED_AT = 100;
const DAY_MS = 24 * 3_600_000;

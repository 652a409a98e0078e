import { isJsonObject, type JsonObject } from '../../src/kernel/index.ts';
import type { Tally } from '../suite.ts';
import { compareLists, heldOf } from './at-rest.ts';
import { createDraw, type Draw } from './draw.ts';
import { listAll, type Reply } from './doors.ts';
import { learnAgain, quiesce, readAgain } from './quiesce.ts';
import type { ParityStage } from './stage.ts';
import type { Person } from './system.ts';
import { openSightLog, type SightLog } from './watch-log.ts';

export interface Motion {
  readonly answers: number;
  readonly changes: number;
  /** Records that were shown all the time and were not in an answer: on their way. */
  readonly late: number;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

/**
 * While grants, roles, sharing and records change, watched people go on asking.
 * A record that the provider showed them at no moment between what the answer
 * says of its age and the answer itself is a leak. Afterwards all is equal again.
 */
export async function compareInMotion(
  stage: ParityStage,
  { draw, people, changes }: { readonly draw: Draw; readonly people: readonly Person[]; readonly changes: number },
  tally: Tally,
): Promise<Motion> {
  const { sandbox, system } = stage;
  const held = await heldOf(stage);
  const log = await openSightLog(sandbox, people, system.objects, held);
  let isOver = false;
  let [answers, late, rounds, wanted] = [0, 0, 0, 0];
  const done: string[] = [];
  const over = (): void => {
    isOver = true;
  };
  const idsOf = (object: string): string[] => [...(held.get(object)?.ids ?? [])];
  const change = async (): Promise<void> => {
    // One change at a time is on its way: of two, an answer may have one and not yet the other, which nobody ever saw
    // together. And everybody asks in between, so that there is something to judge.
    if (rounds < wanted || answers < done.length * people.length) {
      return pause();
    }
    if (done.length >= changes) return over();
    const state = await sandbox.control<JsonObject>('POST', 'sharing', {});
    await log.during(async () => {
      done.push(await system.change({ sandbox, draw, people, idsOf, state }));
    });
    // The round that goes on at this moment may have begun before.
    wanted = rounds + 2;
  };
  const asked = createDraw(draw.below(1_000_000));
  const ask = async (): Promise<void> => {
    // Whoever asks without end leaves no time for reading what changed.
    if (answers >= (done.length + 1) * people.length * 2) return pause();
    const [person, object] = [asked.pick(people), asked.pick(system.objects)];
    late += await judge({ stage, log, held: held.get(object)?.ids ?? new Set(), history: done }, person, object, tally);
    answers += 1;
  };
  const read = async (): Promise<void> => {
    await readAgain(stage);
    await learnAgain(stage, true);
    rounds += 1;
  };
  const goOn = async (step: () => Promise<void>): Promise<void> => {
    while (!isOver) await step();
  };
  const ends = await Promise.allSettled([change, ask, read].map((step) => goOn(step).finally(over)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  await quiesce(stage);
  const { users } = await sandbox.control<{ users: Person[] }>('GET', 'health');
  const settled = await heldOf(stage);
  for (const person of people) {
    const now = users.find(({ id }) => id === person.id) ?? person;
    await compareLists(stage, { ...person, active: now.active }, settled, tally);
  }
  return { answers, changes: done.length, late };
}

interface Judging {
  readonly stage: ParityStage;
  readonly log: SightLog;
  /** Ids that were there before anything changed. */
  readonly held: ReadonlySet<string>;
  readonly history: readonly string[];
}

async function judge(
  { stage, log, held, history }: Judging,
  person: Person,
  object: string,
  tally: Tally,
): Promise<number> {
  const { system, ask } = stage;
  const { rows, replies, error } = await listAll(ask, person.username, {
    integration: system.integration,
    object,
    fields: [system.idField],
  });
  if (error !== null || replies.length === 0) return 0;
  const ages = replies.map(ageOf);
  tally.check(
    ages.every((age) => age !== null),
    () => `${person.username} ${object}: an answer does not say how old its rights are`,
  );
  const span = {
    from: Math.min(...ages.map((age) => age ?? 0)),
    to: Math.max(...replies.map(({ answeredAt }) => answeredAt)),
  };
  const there = log.everShown(person, object, span);
  const extra = [...rows.keys()].filter((id) => held.has(id) && !there.ids.has(id));
  tally.check(extra.length === 0, () => {
    const since = new Date(span.from).toISOString();
    return `${person.username} ${object}: shows ${extra[0] ?? ''} and ${String(extra.length - 1)} more, which the provider showed at no moment since ${since}; changes: ${history.slice(-4).join('; ')}`;
  });
  return [...log.alwaysShown(person, object, span)].filter((id) => !rows.has(id)).length;
}

/** Rights are as old as `access_as_of`, and what records say themselves as old as they are. */
function ageOf({ body }: Reply): number | null {
  const freshness = body['freshness'];
  if (!isJsonObject(freshness ?? null)) return null;
  const { as_of, access_as_of } = freshness as JsonObject;
  if (typeof as_of !== 'string' || typeof access_as_of !== 'string') return null;
  return Math.min(Date.parse(as_of), Date.parse(access_as_of));
}

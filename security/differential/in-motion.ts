import type { Tally } from '../suite.ts';
import { allEnded } from './all-ended.ts';
import { compareLists, heldOf } from './at-rest.ts';
import { createDraw, type Draw } from './draw.ts';
import { askFresh, askInMotion, type About } from './motion-asks.ts';
import { learnAgain, quiesce, readAgain } from './quiesce.ts';
import type { ParityStage } from './stage.ts';
import { nextStep } from './step.ts';
import type { Person, SourcePerson } from './system.ts';
import { openSightLog } from './watch-log.ts';

export interface Motion {
  readonly answers: number;
  readonly changes: number;
  /** Records that were shown all the time and were not in an answer: on their way. */
  readonly late: number;
}

/** Who has just lost something is asked about it at once: so many of them, and so many of those at the source itself. */
const LOST = 12;
const ASKED_FRESH = 2;
/** Answers of each watched person to each step, those while it is read anew and those after it. */
const ASKED = 3;

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
  const done: string[] = [];
  const idsOf = (object: string): string[] => [...(held.get(object)?.ids ?? [])];
  const motion = { stage, log, held, history: done, draw: createDraw(draw.below(1_000_000)) };
  let [answers, late] = [0, 0];
  const ask = async (about: About): Promise<void> => {
    late += await askInMotion(motion, about, tally);
    answers += 1;
  };
  const anybody = (): About => ({
    person: motion.draw.pick(people),
    object: motion.draw.pick(system.objects),
  });
  while (done.length < changes) {
    const step = nextStep(stage, { draw, people, most: changes - done.length, idsOf });
    const noted = log.versions();
    for (const change of step) {
      await log.during(async () => {
        done.push(await change());
      });
    }
    // What changed is known to nobody here yet, and asked for all the same.
    const lost = motion.draw.some(log.lostSince(noted), LOST);
    for (const each of lost.slice(0, ASKED_FRESH)) await askFresh(motion, each, tally);
    for (const each of lost) await ask(each);
    const before = answers;
    const asking = async (): Promise<void> => {
      while (answers - before < people.length * ASKED) await ask(anybody());
    };
    const reading = async (): Promise<void> => {
      await readAgain(stage);
      // Records are new now and rights are not: what an answer says of its age is what it says of its rights.
      for (const each of lost) await ask(each);
      await learnAgain(stage);
    };
    await allEnded([asking(), reading()]);
    for (const _ of people) await ask(anybody());
  }
  await quiesce(stage);
  const { users } = await sandbox.control<{ users: SourcePerson[] }>('GET', 'health');
  const settled = await heldOf(stage);
  for (const person of people) {
    const now = users.find(({ id }) => id === person.id) ?? person;
    await compareLists(stage, { ...person, active: now.active }, settled, tally);
  }
  return { answers, changes: done.length, late };
}

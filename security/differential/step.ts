import type { JsonObject } from '../../src/kernel/index.ts';
import type { Draw } from './draw.ts';
import type { ParityStage } from './stage.ts';
import type { Change, Person } from './system.ts';

/** What changes before all is read anew; each makes one change, and says what it was. */
export type Step = readonly (() => Promise<string>)[];

const AT_ONCE = 4;

/**
 * The next step, of at most so many changes: something that may concern
 * everybody, or something of each of several people's own. Of two changes that concern each
 * other, an answer may show one and not yet the other, which the provider never
 * showed together: those are taken one by one.
 */
export function nextStep(
  stage: ParityStage,
  { draw, people, most, idsOf }: { draw: Draw; people: readonly Person[]; most: number; idsOf: IdsOf },
): Step {
  const { system } = stage;
  const own = Object.keys(system.ownChanges);
  const common = Object.keys(system.changes);
  const isOwn = common.length === 0 || (own.length > 0 && draw.chance(50));
  const make = (kind: string, change: Change | undefined, whom: readonly Person[]) => async (): Promise<string> => {
    const state = await stage.sandbox.control<JsonObject>('POST', 'sharing', {});
    const around = { sandbox: stage.sandbox, draw, people: whom, everybody: stage.people, idsOf, state };
    return `${kind} ${JSON.stringify((await change?.(around)) ?? null).slice(0, 120)}`;
  };
  if (!isOwn) {
    const kind = draw.pick(common);
    return [make(kind, system.changes[kind], people)];
  }
  return draw.some(people, Math.min(AT_ONCE, most)).map((person) => {
    const kind = draw.pick(own);
    return make(kind, system.ownChanges[kind], [person]);
  });
}

type IdsOf = (object: string) => readonly string[];

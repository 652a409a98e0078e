import { newTally, type Suite, type SuiteOptions, type SuiteResult, type Tally } from '../suite.ts';
import { compareByApi, compareLists, heldOf } from './at-rest.ts';
import { askAtRandom } from './ask-at-random.ts';
import { createDraw } from './draw.ts';
import { compareInMotion } from './in-motion.ts';
import { compareMarks, compareNames } from './names.ts';
import { quiesce } from './quiesce.ts';
import { tablesOf } from './tables.ts';
import { openParityStages, type ParityStage } from './stage.ts';
import type { System } from './system.ts';
import { googleCalendar } from './systems/google-calendar.ts';
import { odoo } from './systems/odoo.ts';
import { salesforce } from './systems/salesforce.ts';
import { zendesk } from './systems/zendesk.ts';

export const systems: readonly System[] = [salesforce, zendesk, odoo, googleCalendar];

/** Whom the vendor's own API is asked as, beside the written rules. */
const BY_API = 6;
/** Who asks questions by chance, and how many each. */
const ASKING = 14;
const QUESTIONS = 25;
/** Who asks while it changes, and how often it does, unless `--rounds` says. */
const WATCHED = 6;
const CHANGES = 24;

export async function runDifferential(options: Omit<SuiteOptions, 'stage'>, chosen = systems): Promise<SuiteResult> {
  const tally = newTally(options);
  const stages = await openParityStages(chosen, options.seed);
  try {
    for (const system of chosen) {
      const stage = await stages.open(system, options.users ?? system.users);
      const from = performance.now();
      await compareAll(stage, options, tally);
      const { tried, failed } = tally.result();
      options.echo(
        `differential: ${system.provider}, ${String(stage.people.length)} users: ${String(tried)} tried, ${String(failed)} failed, ${((performance.now() - from) / 1_000).toFixed(0)} s`,
      );
    }
  } finally {
    await stages.close();
  }
  return tally.result();
}

async function compareAll(stage: ParityStage, options: Omit<SuiteOptions, 'stage'>, tally: Tally): Promise<void> {
  const draw = createDraw(options.seed);
  await quiesce(stage);
  const held = await heldOf(stage);
  // Where rows may be missing, nobody knows what a count has to be.
  const tables = stage.system.isWhole ? await tablesOf(stage, draw) : new Map<string, never>();
  const active = stage.people.filter((person) => person.active);
  const byApi = new Set(draw.some(active, BY_API));
  const asking = new Set([...byApi, ...draw.some(active, ASKING)]);
  await lanes(stage.people, async (person) => {
    const sights = await compareLists(stage, person, held, tally);
    if (byApi.has(person)) await compareByApi(stage, person, sights, held, tally);
    if (stage.system.isWhole && asking.has(person)) {
      // Each has chances of their own: who comes first does not matter.
      const own = createDraw(options.seed * 1_000 + stage.people.indexOf(person));
      await askAtRandom(stage, { person, sights, held, tables, questions: QUESTIONS, draw: own }, tally);
      await compareNames(stage, { person, sights, held, draw: own }, tally);
    }
    compareMarks(stage, { person, sights, held }, tally);
  });
  const [admin] = stage.people;
  const watched = draw.some(
    active.filter((person) => person !== admin),
    WATCHED,
  );
  const motion = await compareInMotion(stage, { draw, people: watched, changes: options.rounds ?? CHANGES }, tally);
  const { answers, changes, late } = motion;
  options.echo(
    `differential: ${stage.system.provider}: ${String(changes)} changes, ${String(answers)} answers meanwhile; ${String(late)} records came later than they might`,
  );
}

/** Several at once, as servers are asked. */
async function lanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: 4 }, lane));
}

/** For 200 users of each provider: what Gantry shows is what the provider shows, at rest and while everything changes. */
export const differential: Suite = {
  name: 'differential',
  what: 'what Gantry shows a user is what the provider shows that user, at rest and while rights change',
  run: (options) => runDifferential(options),
};

import type { SuiteOptions, Tally } from '../suite.ts';
import { allEnded } from './all-ended.ts';
import { askAtRandom } from './ask-at-random.ts';
import { compareByApi, compareFresh, compareLists, heldOf, shownOf, type Held } from './at-rest.ts';
import { compareModels, openModels, type ModelParity, type PersonThere } from './compare-models.ts';
import { createDraw, type Draw } from './draw.ts';
import { compareInMotion } from './in-motion.ts';
import { compareMarks, compareNames } from './names.ts';
import { nativeKinds } from './questions.ts';
import { quiesce } from './quiesce.ts';
import type { ParityStage } from './stage.ts';
import type { Person, SourcePerson } from './system.ts';
import { compareWrites } from './writing/compare-writes.ts';
import { tablesOf, type Shown, type Table } from './tables.ts';

type Options = Omit<SuiteOptions, 'stage'>;

/** Whom the vendor's own API is asked as, beside the written rules; who asks through MCP. */
const BY_API = 6;
const BY_MCP = 4;
/** Questions by chance of everybody; who asks many more, also about models and hidden names. */
const QUESTIONS_EACH = 2;
const ASKING = 14;
const QUESTIONS = 24;
/** Of those, who asks about everything at the sources at this moment. */
const FRESHLY = 6;
/** Who asks while it changes, and how often it does, unless `--rounds` says. */
const WATCHED = 6;
const CHANGES = 16;
/** Who wants to write. */
const WRITING = 10;

/** Failures that are told when they are found. */
const TOLD = 5;

/** What is known of a system before anybody is compared. */
interface Known {
  readonly stage: ParityStage;
  readonly held: ReadonlyMap<string, Held>;
  /** Where rows may be missing, nobody knows what a count has to be: none. */
  readonly tables: ReadonlyMap<string, Table>;
}

/** Systems of one customer, at rest and then while they change. */
export async function compareTogether(stages: readonly ParityStage[], options: Options, all: Tally): Promise<void> {
  let [tried, failed] = [0, 0];
  const tally: Tally = {
    ...all,
    check: (good, what) => {
      tried += 1;
      if (!good) failed += 1;
      // Said at once: the end may be minutes away.
      if (!good && failed <= TOLD) options.echo(`differential: ${what()}`);
      all.check(good, what);
    },
  };
  const draw = createDraw(options.seed);
  const name = stages.map(({ system }) => system.provider).join(' and ');
  const timed = timing((line) => options.echo(`differential: ${name}: ${line}`));
  await timed('all is read', () => allEnded(stages.map(quiesce)));
  const known: Known[] = [];
  for (const stage of stages) {
    const tables = stage.system.isWhole ? await tablesOf(stage, draw) : new Map<string, Table>();
    known.push({ stage, held: await heldOf(stage), tables });
  }
  const models = await openModels(
    stages,
    new Map(known.map(({ stage, held }) => [stage.system.integration, held])),
    tally,
  );
  const chosen = { asking: choose(stages, draw, ASKING), byApi: choose(stages, draw, BY_API) };
  const byMcp = new Set([...chosen.asking].slice(0, BY_MCP));
  const freshly = new Set([...chosen.asking].slice(-FRESHLY));
  await timed('at rest', async () => {
    const count = Math.max(...stages.map(({ people }) => people.length));
    await lanes(
      Array.from({ length: count }, (_, at) => at),
      (at) => compareOne(known, models, { at, options, ...chosen, byMcp, freshly }, tally),
    );
  });
  const atRest = tried;
  await timed('in motion', async () => {
    await allEnded(
      known.map(async ({ stage }) => {
        const own = createDraw(draw.below(1_000_000));
        const watched = own.some(
          stage.people.slice(1).filter(({ active }) => active),
          WATCHED,
        );
        const motion = await compareInMotion(
          stage,
          { draw: own, people: watched, changes: options.rounds ?? CHANGES },
          tally,
        );
        const { answers, changes, late } = motion;
        options.echo(
          `differential: ${stage.system.provider}: ${String(changes)} changes, ${String(answers)} answers meanwhile; ${String(late)} records came later than they might`,
        );
      }),
    );
  });
  // What is written is really written, and people whose rights changed a moment ago are as everybody else.
  await timed('writing', async () => {
    for (const { stage, held } of known) {
      const writers = draw.some((await activeNow(stage)).slice(1), WRITING);
      const before = tried;
      const { may, mayNot, less } = await compareWrites(stage, { people: writers, held, draw }, tally);
      if (tried > before)
        options.echo(
          `differential: ${stage.system.provider}: ${String(may + mayNot)} writes compared, ${String(may)} of them allowed, ${String(less)} refused here that the vendor allows`,
        );
    }
  });
  const people = Math.max(...stages.map((stage) => stage.people.length));
  options.echo(
    `differential: ${name}: ${String(people)} users, ${String(tried)} tried (${String(atRest)} at rest), ${String(failed)} failed`,
  );
}

/** Who has not left while things changed. */
async function activeNow({ sandbox, people }: ParityStage): Promise<readonly Person[]> {
  const { users } = await sandbox.control<{ users: SourcePerson[] }>('GET', 'health');
  const active = new Set(users.filter((user) => user.active).map(({ id }) => id));
  return people.filter(({ id }) => active.has(id));
}

/** Places of people who are active everywhere. */
function choose(stages: readonly ParityStage[], draw: Draw, count: number): ReadonlySet<number> {
  const [first] = stages;
  const places = (first?.people ?? []).map((_, at) => at);
  const active = places.filter((at) => stages.every(({ people }) => people[at]?.active === true));
  return new Set(draw.some(active, count));
}

interface One {
  /** Place among the people of each system. */
  readonly at: number;
  readonly options: Options;
  readonly asking: ReadonlySet<number>;
  readonly byApi: ReadonlySet<number>;
  readonly byMcp: ReadonlySet<number>;
  readonly freshly: ReadonlySet<number>;
}

/** One person in all of the systems. */
async function compareOne(known: readonly Known[], models: ModelParity, one: One, tally: Tally): Promise<void> {
  const { at, options, asking, byApi, byMcp, freshly } = one;
  // Each has chances of their own: who comes first does not matter.
  const draw = createDraw(options.seed * 1_000 + at);
  const there: PersonThere[] = [];
  for (const { stage, held, tables } of known) {
    const person = stage.people[at];
    if (person === undefined) continue;
    const sights = await compareLists(stage, person, held, tally);
    there.push({ stage, person, sights });
    if (byApi.has(at)) await compareByApi(stage, person, sights, held, tally);
    if (freshly.has(at)) await compareFresh(stage, person, sights, held, tally);
    if (tables.size > 0) {
      const { principal } = person;
      const shown = (object: string): Shown => {
        const table = tables.get(object);
        if (table === undefined) throw new Error(`no table ${object}`);
        return { ...shownOf(sights, object, person, held), table };
      };
      const about = {
        principal,
        kinds: nativeKinds(stage.system),
        tables,
        shown,
        idField: stage.system.idField,
        questions: asking.has(at) ? QUESTIONS : QUESTIONS_EACH,
        draw,
      };
      await askAtRandom({ ...about, ask: stage.ask }, tally);
      if (byMcp.has(at)) await stage.mcp.as(principal, (ask) => askAtRandom({ ...about, ask }, tally));
      if (asking.has(at)) await compareNames(stage, { person, sights, held, draw }, tally);
    }
  }
  const [first] = there;
  if (first !== undefined && asking.has(at)) {
    const { principal } = first.person;
    const held = new Map(known.map((each) => [each.stage.system.integration, each.held]));
    const about = { there, held, draw };
    await compareModels(models, { ...about, ask: first.stage.ask }, tally);
    if (byMcp.has(at)) {
      await first.stage.mcp.as(principal, (ask) => compareModels(models, { ...about, ask }, tally));
    }
  }
  for (const [place, { stage, person, sights }] of there.entries()) {
    compareMarks(stage, { person, sights, held: known[place]?.held ?? new Map() }, tally);
  }
}

/** Several at once, as servers are asked. */
async function lanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await allEnded(Array.from({ length: 4 }, lane));
}

function timing(echo: (line: string) => void) {
  return async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const [from, before] = [performance.now(), process.cpuUsage()];
    await work();
    const { user, system } = process.cpuUsage(before);
    const [seconds, cpu] = [(performance.now() - from) / 1_000, (user + system) / 1e6];
    echo(`${what}, ${seconds.toFixed(0)} s (${cpu.toFixed(0)} s of processor here)`);
  };
}

import type { Json } from '../../../src/kernel/index.ts';
import type { Tally } from '../../suite.ts';
import { marksIn } from '../carriers.ts';
import { effectsIn, type Effect } from './effects.ts';
import { handsOf, type Hands } from './hands.ts';
import { EACH, kindOf, obey, orderKinds, orderNumbers, type Loot } from './orders.ts';
import { hirePeople, type Agreed, type People } from './people.ts';
import { plantScene, WORTH, type Scene } from './scene.ts';
import { openWritingStage, type WritingStage } from './stage.ts';

const mark = (number: number): string => `W${String(number)}X`;

/** Orders to write, obeyed by agents that may: judged by what their systems say that happened. */
export async function obeyedWrites(tally: Tally): Promise<void> {
  let scene: Scene | null = null;
  const stage = await openWritingStage(async (opened) => {
    scene = await plantScene(opened, orderNumbers);
  });
  try {
    if (scene === null) throw new Error('nothing was planted');
    const people = await hirePeople(stage);
    const world: World = { stage, people, tally, loot: { scene, foreignPlan: await planOfOther(stage, scene), mark } };
    const plans = await obeyAll(world);
    await nothingHappened(world);
    await whatPeopleAgreeTo(world, plans);
    await whatLeftTheGrant(world, plans);
    await whatPolicyLets(world);
    tally.check(
      (await people.stateOf(world.loot.foreignPlan)) === 'prepared',
      () => 'the plan of another agent was touched',
    );
  } finally {
    await stage.close();
  }
}

interface World {
  readonly stage: WritingStage;
  readonly people: People;
  readonly tally: Tally;
  readonly loot: Loot;
}

const effects = ({ stage }: World): Promise<readonly Effect[]> => effectsIn(stage.acme.systems);

async function planOfOther(stage: WritingStage, scene: Scene): Promise<string> {
  const { agent } = stage.agents.other;
  const records = [{ id: scene.deals[0], values: { next_step: 'of another agent' } }];
  const { content } = await agent.call('prepare_write', { operation: 'update', object: 'deal', records });
  const plan = content['plan_id'];
  if (typeof plan !== 'string') throw new Error(`no plan: ${JSON.stringify(content)}`);
  return plan;
}

/** What an agent comes across that looks for work. */
async function heardBy(hands: Hands): Promise<ReadonlySet<number>> {
  const heard = new Set<number>();
  for (const object of ['account', 'contact', 'deal', 'ticket']) {
    let cursor: Json | undefined;
    do {
      const args = { object, text: 'OBEY', limit: 200, ...(cursor === undefined ? {} : { cursor }) };
      const content = (await hands.call('query_records', args)) as { readonly next_cursor?: Json } | null;
      for (const number of marksIn(JSON.stringify(content))) heard.add(number);
      cursor = content?.next_cursor;
    } while (cursor !== undefined);
  }
  return heard;
}

/** By order: the plans that the agent made of it. */
async function obeyAll({ stage, tally, loot }: World): Promise<ReadonlyMap<number, readonly string[]>> {
  const open: string[] = [];
  const hands = handsOf(stage, 'reader', ({ path, status }) => open.push(`${path} ${String(status)}`));
  const heard = await heardBy(hands);
  const plans = new Map<number, readonly string[]>();
  for (const number of orderNumbers) {
    tally.check(heard.has(number), () => `${kindOf(number)} ${String(number)} was never read`);
    const before = hands.plans.length;
    await obey(hands, number, loot);
    plans.set(number, hands.plans.slice(before));
    tally.check(open.length === 0, () => `${kindOf(number)}: a door of people's let an agent in: ${open.join(', ')}`);
  }
  // An agent that could plan nothing would prove nothing.
  for (const [at, kind] of orderKinds.entries()) {
    if (kind === 'foreign_plan' || kind === 'another_user') continue;
    const made = Array.from({ length: EACH }, (_, index) => plans.get(at * 10 + index) ?? []).flat();
    tally.check(made.length > 0, () => `${kind}: no plan could be made, so that nothing was tried`);
  }
  return plans;
}

/** Whoever reads free text of strangers writes nothing that nobody agreed to. */
async function nothingHappened(world: World): Promise<void> {
  const { people, tally, loot } = world;
  await people.quiet();
  const found = await effects(world);
  for (const [at, number] of orderNumbers.entries()) {
    const { scene } = loot;
    const own = [scene.deals[at], scene.lost[at], scene.contacts[at]];
    const done = found.filter((effect) => own.includes(effect.id) || says(effect, number));
    tally.check(done.length === 0, () => `${kindOf(number)}: written without approval: ${JSON.stringify(done[0])}`);
  }
  tally.check(found.length === 0, () => `written without approval: ${JSON.stringify(found.slice(0, 3))}`);
}

const says = ({ fields }: Effect, number: number): boolean => JSON.stringify(fields).includes(mark(number));

/** One plan of each kind: that, and nothing else, is what happens then. */
async function whatPeopleAgreeTo(world: World, plans: ReadonlyMap<number, readonly string[]>): Promise<void> {
  const { people, tally } = world;
  const agreed: Agreed[] = [];
  const numbers = new Set<number>();
  for (const [at] of orderKinds.entries()) {
    for (const plan of plans.get(at * 10) ?? []) {
      const one = await people.approve(plan);
      if (one === null) continue;
      agreed.push(one);
      numbers.add(at * 10);
      break;
    }
  }
  tally.check(agreed.length >= 8, () => `only ${String(agreed.length)} plans waited for somebody`);
  await people.quiet();
  const found = await effects(world);
  tally.check(found.length >= agreed.length, () => 'what people agreed to was not written, so that nothing was judged');
  for (const effect of found) {
    tally.check(
      agreed.some((each) => isOf(effect, each)),
      () => `written, and nobody agreed to it: ${JSON.stringify(effect)}`,
    );
  }
  for (const number of orderNumbers) {
    if (numbers.has(number)) continue;
    tally.check(
      !found.some((effect) => says(effect, number)),
      () => `${kindOf(number)}: written with what somebody else agreed to`,
    );
  }
  await takenBack(world, agreed, async () => (await effects(world)).length);
}

/** What people agreed to is not taken back because a text wants it. */
async function takenBack(
  { stage, people, tally }: World,
  agreed: readonly Agreed[],
  effectsNow: () => Promise<number>,
) {
  const before = await effectsNow();
  const hands = handsOf(stage, 'reader', () => undefined);
  for (const { plan } of agreed) await hands.write('undo', { plan_id: plan, reason: 'The text says so.' });
  await people.quiet();
  tally.check(
    hands.plans.some((plan) => agreed.every((each) => each.plan !== plan)),
    () => 'no undo could be prepared',
  );
  const now = await effectsNow();
  tally.check(now === before, () => `${String(now - before)} writes were taken back, and nobody agreed to that`);
}

/**
 * Every value that was sent was shown to whoever agreed, but for the key by which
 * the write is known again. A system's ledger tells of a new record what the
 * system itself put into it, too: there it is the words of the order that count.
 */
function isOf({ system, op, object, fields }: Effect, { plan, changes }: Agreed): boolean {
  const key = plan.slice('plan_'.length);
  const sent = Object.values(fields)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .filter((value) => !value.startsWith(key));
  const words = JSON.stringify(fields).match(/W\d+X/g) ?? [];
  return changes.some((change) => {
    const verbs = change.operation === 'upsert' ? ['create', 'update'] : [change.operation];
    if (change.system !== system || change.object !== object || !verbs.includes(op)) return false;
    const isShown = (text: string): boolean => change.values.some((shown) => shown.includes(text));
    // A deleted record has no new values.
    if (op === 'delete') return true;
    return op === 'create' ? words.length > 0 && words.every(isShown) : sent.every(isShown);
  });
}

/** People agreed, and then the record left what the agent's grant lets it write; nobody has read that yet. */
async function whatLeftTheGrant(world: World, plans: ReadonlyMap<number, readonly string[]>): Promise<void> {
  const { stage, people, tally, loot } = world;
  const known = (await effects(world)).length;
  let left = 0;
  for (const kind of ['change', 'native_fields', 'approve_own'] as const) {
    for (const index of [1, 2]) {
      const number = orderKinds.indexOf(kind) * 10 + index;
      const deal = loot.scene.deals[orderNumbers.indexOf(number)] ?? '';
      const [plan] = plans.get(number) ?? [];
      if (plan === undefined) continue;
      await stage.crm.mutate({
        op: 'update',
        object: 'Opportunity',
        id: deal,
        fields: { Vertriebsphase__c: 'Verloren' },
      });
      if ((await people.approve(plan)) === null) continue;
      left += 1;
      await people.quiet();
      const now = await effects(world);
      tally.check(
        now.length === known,
        () => `${kind}: written though it left the grant: ${JSON.stringify(now.at(-1))}`,
      );
    }
  }
  tally.check(left >= 4, () => `only ${String(left)} records left the grant of plans that waited`);
}

const FREE_BELOW = 500;

/** An agent without such text does by itself what policy lets it, however its orders are cut into pieces. */
async function whatPolicyLets(world: World): Promise<void> {
  const { stage, people, tally, loot } = world;
  const before = (await effects(world)).length;
  const open: string[] = [];
  const hands = handsOf(stage, 'desk', ({ path }) => open.push(path));
  const { deals, lost } = loot.scene;
  const targets = deals.slice(-12);
  const byOperation = (id: string, amount: number) => ({
    operation: 'deal.change_value',
    records: [{ id, input: { amount } }],
  });
  const plainly = (id: string, amount: number) => ({
    operation: 'update',
    object: 'deal',
    records: [{ id, values: { amount } }],
  });
  const orders: readonly (readonly [tool: string, args: object])[] = [
    ...targets.slice(0, 6).map((id) => ['run_operation', byOperation(id, WORTH + 490)] as const),
    ...targets.slice(6).map((id) => ['prepare_write', plainly(id, WORTH - 490)] as const),
    ['prepare_write', plainly(targets[0] ?? '', WORTH * 100)],
    ['prepare_write', plainly(lost[0] ?? '', WORTH + 1)],
    ['run_operation', byOperation(lost[1] ?? '', WORTH + 1)],
    ['prepare_write', { operation: 'update', object: 'deal', records: [{ id: targets[1], values: { stage: 'won' } }] }],
    ['prepare_write', { operation: 'delete', object: 'deal', records: [{ id: targets[1] }] }],
    ['run_operation', { operation: 'in_steps', records: targets.slice(0, 5).map((id) => plainly(id, WORTH + 400)) }],
  ];
  for (const [tool, args] of orders) await hands.write(tool, args);
  await people.quiet();
  const found = (await effects(world)).slice(0).filter((effect) => effect.op === 'update');
  const own = found.filter(({ id, fields }) => targets.includes(id) && 'Auftragswert__c' in fields);
  const moved = own.reduce((sum, { fields }) => sum + Math.abs(Number(fields['Auftragswert__c']) - WORTH), 0);
  tally.check(moved > 0, () => 'the agent could do nothing, so that nothing was tried');
  tally.check(moved < FREE_BELOW, () => `${String(moved)} were moved in pieces, and nobody was asked`);
  tally.check(open.length === 0, () => `a door of people's let an agent in: ${open.join(', ')}`);
  const all = (await effects(world)).length - before;
  tally.check(all === own.length, () => `${String(all)} effects, of which ${String(own.length)} are within the grant`);
}

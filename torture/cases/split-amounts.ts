import { systemOf } from '../acts/act.ts';
import { inForce, type Edit } from '../acts/projects.ts';
import { canaryOf } from '../checker/facts.ts';
import { effectsOfCalls } from '../checker/ledger.ts';
import { accuse, settle, type Scene } from '../scene.ts';
import { committed, ended, planState, prepared, recordMade } from '../writing/made.ts';
import { newText } from '../writing/ways.ts';
import type { TortureCase } from './case.ts';

const TENANT = 'acme';
const PARTS = 10;
/** Each stays below what people want to see; two of them together do not. */
const PART = 490;
/** In each round the API dies at another moment of accepting. */
const DEATHS = ['write.commit.before_commit:3', 'write.commit.after_commit:2'] as const;
const BEFORE = 1_000;

/** Deals have an amount in one currency, and from 500 in a day on people decide. */
const DEALS: readonly Edit[] = [
  {
    file: 'integrations/crm.yaml',
    find: '  Opportunity:\n    sync: { every: 1m }',
    replace: `  Opportunity:
    sync: { every: 1m }
    model: deal
    fields: { crm_id: Id, name: Name, amount: Amount }
    write: { operations: [update] }`,
  },
  {
    file: 'integrations/crm.yaml',
    find: 'write: [Account, Contact]',
    replace: 'write: [Account, Contact, Opportunity]',
  },
  {
    file: 'gantry.yaml',
    find: '        crm.Account: { operations: [update] }',
    replace: '        crm.Account: { operations: [update] }\n        deal: { operations: [update] }',
  },
  {
    file: 'gantry.yaml',
    find: '      tools: [query_records, prepare_write, commit_write, get_status, undo]\n      objects:',
    replace:
      "      tools: [query_records, prepare_write, commit_write, get_status, undo]\n      objects:\n        deal: '*'",
  },
  {
    file: 'policies/approvals.yaml',
    find: '    accounts:',
    replace: `    money:
      why: From 500 in a day on a person decides.
      when: { objects: [deal], amount: { from: 500 }, sum: { per: agent, within: 24h } }
      verdict: approve
    accounts:`,
  },
];
const MODEL = `model: deal
title: Deal
label: name
fields:
  crm_id: { type: id, required: true }
  name: string
  amount: { type: decimal, currency: EUR }
`;

/** An amount in many small parts, accepted at the same moment by an API that dies meanwhile: what is too much together waits for people. */
export const splitAmounts: TortureCase = {
  name: 'split-amounts',
  rows: ['P1', 'P5'],
  needs: ['crm'],
  run: async (scene) => {
    await inForce(scene, DEALS, { 'models/deal.yaml': MODEL });
    for (const [round, point] of DEATHS.entries()) await split(scene, round, point);
    await settle(scene, 'split-amounts');
  },
};

interface Part {
  readonly plan: string;
  readonly deal: string;
}

async function split(scene: Scene, round: number, point: string): Promise<void> {
  const { stage, result } = scene;
  // What was accepted in the round before is a day old by now.
  await stage.sql("update policy_spent set at = at - interval '25 hours'");
  const parts = await Promise.all(Array.from({ length: PARTS }, () => part(scene)));
  await stage.api.kill();
  const life = await stage.api.start({ GANTRY_CRASH_AT: point });
  const again = life.ended.then(() => stage.api.start());
  await Promise.all(parts.map(({ plan }) => committed(scene, TENANT, plan)));
  if (stage.api.life() === life) result.notRun.add(`split-amounts: nobody came by ${point}`);
  else await again;
  const states = await Promise.all(
    parts.map(async ({ plan }) => {
      const state = await planState(scene, plan);
      if (state !== 'awaiting_approval') await ended(scene, plan);
      return planState(scene, plan);
    }),
  );
  const waiting = states.filter((state) => state === 'awaiting_approval').length;
  const there = await changedDeals(scene, parts);
  stage.timeline.note('run', `round ${String(round + 1)}: ${String(waiting)} of ${String(PARTS)} wait for people`);
  if (waiting === PARTS - 1 && there === 1) return;
  const what = `of ${String(PARTS)} parts of ${String(PART)}, ${String(waiting)} wait for people and ${String(there)} were written`;
  accuse(scene, 'split-amounts', { invariant: 'P5', what });
}

async function part(scene: Scene): Promise<Part> {
  const fields = {
    Name: `${canaryOf(TENANT)}deal`,
    StageName: 'Prospecting',
    CloseDate: '2027-03-31',
    Amount: BEFORE,
  };
  const deal = await recordMade(scene, 'crm', 'Opportunity', fields);
  const values = { name: newText(TENANT), amount: BEFORE + PART };
  const records = [{ id: `crm/Opportunity/${deal}`, values }];
  return {
    plan: await prepared(scene, TENANT, { operation: 'update', object: 'deal', records }, undefined, 'crm'),
    deal,
  };
}

/** How many of them somebody changed, as the provider's ledger has it. */
async function changedDeals(scene: Scene, parts: readonly Part[]): Promise<number> {
  const system = systemOf(scene, 'crm');
  const effects = await effectsOfCalls({ ...system, proxyControl: system.proxy.control });
  const deals = new Set(parts.map(({ deal }) => deal));
  return new Set(effects.filter(({ op, id }) => op === 'update' && deals.has(id)).map(({ id }) => id)).size;
}

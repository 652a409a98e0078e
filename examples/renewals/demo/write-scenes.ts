import type { Stage } from '../stage/open-stage.ts';
import { connectAgent } from './agent.ts';
import { approverOf, type Approver } from './approvers.ts';
import { askRest, type AskRest } from './ask-rest.ts';
import { openCrmView, type CrmView } from './crm-values.ts';
import { deskOf, endOf, type Account, type Deal, type Desk, type Plan } from './desk.ts';
import type { Terminal } from './terminal.ts';

export interface ChangeFigures {
  readonly amount: number;
  /** What policy said when it was prepared. */
  readonly decision: string;
  /** Null: nobody was asked. */
  readonly asked_of: string | null;
  /** What somebody got for an answer who was not asked. */
  readonly turned_away: string | null;
  readonly state: string;
  /** The CRM was given the new value once, and not before somebody agreed. */
  readonly written_once: boolean;
  readonly review_within_hours: number | null;
}

export interface WriteFigures {
  readonly ok: boolean;
  readonly changes: readonly ChangeFigures[];
  readonly undo: {
    readonly restored: number;
    readonly decision: string;
    readonly state: string;
    readonly as_before: boolean;
  };
  readonly audit: { readonly sentences: readonly string[]; readonly proven: boolean };
  readonly ms: number;
}

/** Who is there, and what they look at. */
interface Desktop {
  readonly tenant: string;
  readonly terminal: Terminal;
  readonly desk: Desk;
  readonly crm: CrmView;
  readonly account: Account;
  /** May approve. */
  readonly jonas: Approver;
  /** May approve, and answers for the agent. */
  readonly lena: Approver;
  /** An operator: undoes, and reads the audit. */
  readonly otto: AskRest;
}

const AGENT = 'renewals-desk';
const HOUR_MS = 3_600_000;

/** The agent writes: what it may do alone, what people agree to, how it is taken back, and what can be told of it. */
export async function playWrites(stage: Stage, terminal: Terminal): Promise<WriteFigures> {
  const started = performance.now();
  const agent = await connectAgent(stage.url, await stage.acme.keyFor(AGENT));
  try {
    const [crm, jonas, lena, otto] = await Promise.all([
      openCrmView(stage.crm),
      hireApprover(stage, 'jonas.keller@acme.example'),
      hireApprover(stage, 'lena.brandt@acme.example'),
      hire(stage, 'otto.winter@acme.example', 'operator'),
    ]);
    const desk = deskOf(agent);
    const account = await desk.accountWith(3);
    const [first, second, third] = account.deals;
    if (first === undefined || second === undefined || third === undefined) throw new Error('too few deals');
    const { tenant } = stage;
    const on: Desktop = { tenant, terminal, desk, crm, account, jonas, lena, otto };
    const before = await crm.values(account.deals.map(({ id }) => id));

    terminal.heading(`9. Agent ${AGENT} writes: a change worth 300 goes through`);
    const small = await change(on, first, 300);
    terminal.heading('10. One of 1,200 waits for an approver');
    const medium = await change(on, second, 1_200, [jonas]);
    terminal.heading('11. One of 8,000 waits for whoever answers for the agent, and is looked at again within a day');
    const large = await change(on, third, 8_000, [jonas, lena]);
    const changes = [small, medium, large];
    const undo = await undoLastHour(on, before);
    const audit = await askAudit(on);
    const ok =
      changesAreRight(changes) &&
      undo.restored === 3 &&
      undo.state === 'done' &&
      undo.as_before &&
      audit.proven &&
      audit.sentences.length === 6;
    return { ok, changes, undo, audit, ms: Math.round(performance.now() - started) };
  } finally {
    await agent.close();
  }
}

function changesAreRight(changes: readonly ChangeFigures[]): boolean {
  const [small, medium, large] = changes;
  return (
    changes.every(({ state, written_once: once }) => state === 'done' && once) &&
    small?.decision === 'allow' &&
    medium?.decision === 'approve' &&
    medium.review_within_hours === null &&
    large?.asked_of === 'lena.brandt@acme.example' &&
    large.turned_away === 'approval_not_yours' &&
    large.review_within_hours === 24
  );
}

/** Somebody with a key of their own. */
async function hire({ url, operatorKey }: Stage, name: string, role: 'approver' | 'operator'): Promise<AskRest> {
  const { key } = await askRest(url, operatorKey)<{ key: string }>('POST', '/v1/operators', { name, role });
  return askRest(url, key);
}

const hireApprover = async (stage: Stage, name: string): Promise<Approver> =>
  approverOf(name, stage.tenant, await hire(stage, name, 'approver'));

/** The agent wants a deal to be worth more; whoever stands by tries to approve it, one after the other. */
async function change(
  on: Desktop,
  deal: Deal,
  amount: number,
  people: readonly Approver[] = [],
): Promise<ChangeFigures> {
  const { terminal, desk, crm } = on;
  const wanted = Math.round((deal.amount + amount) * 100) / 100;
  const plan = await desk.prepare(deal, wanted, 'The customer has agreed to it on the phone.');
  terminal.line(`  ${deal.name}: ${shown(deal.amount)} -> ${shown(wanted)}`);
  tellDecision(terminal, plan);
  const accepted = await desk.commit(plan.plan_id);
  const early = people.length > 0 && (await crm.writes([deal.id])).length > 0;
  if (accepted === 'awaiting_approval') terminal.line('  committed: waits, nothing is sent');
  const { asked, turnedAway } = await decideIn(on, plan, people);
  const state = await desk.ended(plan.plan_id);
  const written = await crm.writes([deal.id]);
  const once = !early && written.length === 1 && written[0] === wanted;
  const rightly = once ? 'the CRM was given it once' : `WRONG: the CRM was given ${JSON.stringify(written)}`;
  terminal.line(`  ${state}; ${rightly}`);
  return {
    amount: plan.impact.amount ?? Number.NaN,
    decision: plan.decision.kind,
    asked_of: asked,
    turned_away: turnedAway,
    state,
    written_once: once,
    review_within_hours: await reviewOf(on, plan),
  };
}

function tellDecision(terminal: Terminal, { decision, impact }: Plan): void {
  const { amount, currency } = impact;
  const worth = amount === null ? 'of unknown worth' : `worth ${shown(amount)} ${currency ?? ''}`;
  const need = decision.needs?.[0];
  const from =
    need === undefined ? '' : `, by ${[need.from].flat().join(' or ')} within ${String(need.within_minutes / 60)} h`;
  terminal.line(`  ${worth}; policy says: ${decision.kind}${from} (${decision.because[0] ?? ''})`);
}

interface Asked {
  readonly asked: string | null;
  readonly turnedAway: string | null;
}

async function decideIn({ terminal }: Desktop, plan: Plan, people: readonly Approver[]): Promise<Asked> {
  let turnedAway: string | null = null;
  let asked: string | null = null;
  for (const person of people) {
    const open = (await person.waiting(plan.plan_id)).find(({ kind }) => kind === 'approval');
    if (open === undefined) break;
    asked = open.asked_of?.join(' or ') ?? 'any approver';
    const answer = await person.approve(open.id);
    terminal.line(`  ${person.name} says yes: ${answer}`);
    if (answer !== 'approved') turnedAway = answer;
  }
  return { asked, turnedAway };
}

async function reviewOf({ jonas, terminal }: Desktop, plan: Plan): Promise<number | null> {
  const review = (await jonas.waiting(plan.plan_id)).find(({ kind }) => kind === 'review');
  if (review === undefined) return null;
  terminal.line(`  a second review is ${review.state}, due ${review.due_at}`);
  return Math.round((Date.parse(review.due_at) - Date.parse(review.asked_at)) / HOUR_MS);
}

async function undoLastHour(on: Desktop, before: ReadonlyMap<string, number>): Promise<WriteFigures['undo']> {
  const { tenant, terminal, crm, lena, otto } = on;
  terminal.heading(`12. The last hour of ${AGENT} is undone: a plan like any other`);
  const { undos } = await otto<{ undos: (Plan & UndoReport)[] }>('POST', `/v1/tenants/${tenant}/undo`, {
    agent: AGENT,
    since: new Date(Date.now() - HOUR_MS).toISOString(),
    reason: 'The customer meant next year.',
  });
  const [plan] = undos;
  if (plan === undefined) throw new Error('there is nothing to undo');
  for (const sentence of plan.report) terminal.line(`  ${sentence}`);
  for (const { label, fields } of plan.changes) {
    for (const [field, { from, to }] of Object.entries(fields)) {
      terminal.line(`  ${label ?? 'a record'}: ${field} ${shown(from)} -> ${shown(to)}`);
    }
  }
  tellDecision(terminal, plan);
  // It is the operator's plan: the agent knows nothing of it.
  const path = `/v1/tenants/${tenant}/write-plans/${plan.plan_id}`;
  await otto('POST', `${path}/commit`, {});
  await decideIn(on, plan, [lena]);
  const state = await endOf(plan.plan_id, async () => (await otto<{ status: string }>('GET', path)).status);
  const now = await crm.values([...before.keys()]);
  const same = [...before].every(([id, value]) => now.get(id) === value);
  terminal.line(
    `  ${state}; ${same ? 'in the CRM all values are as before' : 'WRONG: the CRM has other values than before'}`,
  );
  return { restored: plan.counts.restored, decision: plan.decision.kind, state, as_before: same };
}

interface UndoReport {
  /** In sentences. */
  readonly report: readonly string[];
  readonly counts: { readonly restored: number };
  readonly changes: readonly {
    readonly label?: string;
    readonly fields: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
  }[];
}

async function askAudit({ tenant, terminal, account, otto }: Desktop): Promise<WriteFigures['audit']> {
  terminal.heading(`13. What did ${AGENT} do with ${account.name} today?`);
  const today = new Date();
  today.setUTCHours(0, 0, 0, 0);
  const question = new URLSearchParams({
    tenant,
    about: account.name,
    agent: AGENT,
    kind: 'write_ended',
    from: today.toISOString(),
  });
  const { entries } = await otto<{ entries: { sentence: string }[] }>('GET', `/v1/audit?${question.toString()}`);
  const sentences = entries.map(({ sentence }) => sentence).toReversed();
  for (const sentence of sentences) terminal.line(`  ${sentence}`);
  const { ok, entries: checked } = await otto<{ ok: boolean; entries: number }>(
    'GET',
    `/v1/audit/verification?tenant=${tenant}`,
  );
  terminal.line(`  ${String(checked)} entries, ${ok ? 'none of them changed since' : 'WRONG: some were changed'}`);
  return { sentences, proven: ok };
}

const shown = (value: unknown): string =>
  typeof value === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 2 }) : String(value);

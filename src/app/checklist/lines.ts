import { limits } from '../../kernel/index.ts';
import type { ChecklistFacts } from './facts.ts';

/** One line of the list: whether it holds, what shows that, and what to do where it does not. */
export interface ChecklistLine {
  readonly id: string;
  readonly title: string;
  readonly pass: boolean;
  readonly evidence: readonly string[];
  /** Empty where it holds. */
  readonly fix: string;
}

/** What was looked at, and what is against it; nothing against it means that it holds. */
interface Found {
  readonly evidence: readonly string[];
  readonly against: readonly string[];
  readonly fix: string;
}

/** Pure: the list. What is not known is against it. */
export const checklistLines = (facts: ChecklistFacts): readonly ChecklistLine[] =>
  checks.map(({ id, title, check }) => {
    const { evidence, against, fix } = check(facts);
    const pass = against.length === 0;
    return { id, title, pass, evidence: pass ? evidence : [...against, ...evidence], fix: pass ? '' : fix };
  });

const checks: readonly {
  readonly id: string;
  readonly title: string;
  readonly check: (facts: ChecklistFacts) => Found;
}[] = [
  { id: 'inventory', title: 'Every agent and system has a human who answers for it, and a scope', check: inventory },
  { id: 'no_admin_credentials', title: 'No connection is signed in as an administrator', check: noAdmins },
  { id: 'rotation', title: 'Keys and sign-ins are exchanged in time', check: rotation },
  { id: 'audit', title: 'The audit answers, and was not changed', check: auditAnswers },
  { id: 'rollback', title: 'Undoing was rehearsed in a sandbox', check: rehearsed },
  { id: 'thresholds', title: 'The business owner has signed the limits in force', check: signed },
  { id: 'one_workflow', title: `One workflow for the first ${String(limits.pilotDays)} days`, check: oneWorkflow },
];

function inventory({ agents, integrations }: ChecklistFacts): Found {
  const scope = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));
  return {
    evidence: [
      ...agents.map(
        ({ name, owner, reads, writes }) =>
          `agent ${name}: ${owner ?? 'nobody'} answers for it; reads ${scope(reads)}; writes ${scope(writes)}`,
      ),
      ...integrations.map(
        ({ name, onCall, mode, read, write }) =>
          `system ${name}: ${onCall ?? 'nobody'} is called; ${mode}; reads ${scope(read)}; writes ${scope(write)}`,
      ),
    ],
    against: [
      ...(agents.length === 0 ? ['The project has no agent.'] : []),
      ...(integrations.length === 0 ? ['The project has no system.'] : []),
      ...agents.flatMap(({ name, owner }) => (owner === null ? [`Nobody answers for agent ${name}.`] : [])),
      ...integrations.flatMap(({ name, onCall }) =>
        onCall === null ? [`Nobody is called about system ${name}.`] : [],
      ),
      ...integrations.flatMap(({ name, write, writeAs }) =>
        write.length > 0 && writeAs === 'connection'
          ? [`In ${name} it is written in users’ names without asking whether they may (write_as: connection).`]
          : [],
      ),
    ],
    fix: 'Write `owner` at each agent in gantry.yaml, and `on_call` in each file of integrations/; let `write_as` be `checked` or `user`.',
  };
}

function noAdmins({ connections }: ChecklistFacts): Found {
  const against = connections.flatMap(({ slug, user, admin }) => {
    const who = user ?? 'the connected user';
    if (admin.kind === 'none') return [];
    if (admin.kind === 'admin') return [`${slug}: ${who} is an administrator there (${admin.right}).`];
    return admin.kind === 'untold'
      ? [`${slug}: the system does not say whether ${who} is an administrator.`]
      : [`${slug}: it could not be asked whether ${who} is an administrator (${admin.code}).`];
  });
  return {
    evidence: connections.flatMap(({ slug, user, admin }) =>
      admin.kind === 'none' ? [`${slug}: ${user ?? 'the connected user'} has no administrator’s rights there`] : [],
    ),
    against: connections.length === 0 ? ['Nothing is connected.'] : against,
    fix: 'Connect again with a user that was made for this and has only the rights it needs; one that may read its own rights, where the system does not say.',
  };
}

function rotation({ now, rotateDays, keys, credentials }: ChecklistFacts): Found {
  const latest = rotateDays * DAY_MS;
  const keyProblems = keys.flatMap(({ what, madeAt, endsAt }) => {
    if (endsAt === null) return [`${what} never ends.`];
    const days = Math.ceil((endsAt.getTime() - madeAt.getTime()) / DAY_MS);
    return days * DAY_MS > latest ? [`${what} is good for ${String(days)} days.`] : [];
  });
  const signInProblems = credentials.flatMap(({ what, renewable, endsAt }) => {
    if (renewable) return [];
    if (endsAt === null) return [`Nobody knows when the sign-in ${what} ends.`];
    return endsAt.getTime() - now.getTime() > latest ? [`The sign-in ${what} is good until ${dayOf(endsAt)}.`] : [];
  });
  return {
    evidence: [
      ...keys.flatMap(({ what, endsAt }) => (endsAt === null ? [] : [`${what} ends on ${dayOf(endsAt)}`])),
      ...credentials.map(({ what, renewable, endsAt }) =>
        renewable
          ? `sign-in ${what} is renewed by itself`
          : `sign-in ${what} ends on ${endsAt === null ? '?' : dayOf(endsAt)}`,
      ),
    ],
    against: [...(keys.length === 0 ? ['No agent has a key here.'] : []), ...keyProblems, ...signInProblems],
    fix: `Exchange them, for ${String(rotateDays)} days at most: gantry key create with --expires-in-days, gantry operators add with --expires-in-days; connect again with a sign-in that renews itself, or a key that ends.`,
  };
}

function auditAnswers({ audit }: ChecklistFacts): Found {
  const fix = 'Let an agent ask something here, and look at gantry audit verify.';
  if (audit.kind === 'empty')
    return { evidence: [], against: ['Nothing has happened here that could be asked about.'], fix };
  const { question, answers, found, tookMs, verified, entries } = audit;
  const took = `${String(Math.round(tookMs))} ms`;
  return {
    evidence: [
      `asked ${question}: ${String(answers)} answers in ${took}`,
      `${String(entries)} entries were worked out anew`,
    ],
    against: [
      ...(found ? [] : [`Asked ${question}, what is known to have happened was not among the answers.`]),
      ...(tookMs < limits.auditAnswerMs ? [] : [`The answer took ${took}.`]),
      ...(verified
        ? []
        : ['The chain, or what was signed of it, was changed, or was signed by a key that is not named here.']),
    ],
    fix,
  };
}

function rehearsed({ now, rehearsal }: ChecklistFacts): Found {
  const fix =
    'Connect a tenant to sandboxes, name it as `checklist.sandbox` in policies/, let an agent write there, and undo it: gantry undo.';
  switch (rehearsal.kind) {
    case 'no_sandbox':
      return { evidence: [], against: ['No tenant is named as sandbox.'], fix };
    case 'unknown_tenant':
      return { evidence: [], against: [`There is no tenant ${rehearsal.sandbox}.`], fix };
    case 'never':
      return { evidence: [], against: [`Nothing was undone in ${rehearsal.sandbox}.`], fix };
    case 'done': {
      const { sandbox, plan, undoes, at, counts } = rehearsal;
      const told = Object.entries(counts).map(([state, count]) => `${String(count)} ${state.replaceAll('_', ' ')}`);
      const isOld = now.getTime() - at.getTime() > limits.rehearsedDays * DAY_MS;
      const isWhole = Object.keys(counts).every((state) => state === 'succeeded') && Object.keys(counts).length > 0;
      return {
        evidence: [`${plan} undid ${undoes} in ${sandbox} on ${dayOf(at)}: ${told.join(', ')}`],
        against: [
          ...(isOld ? [`The last rehearsal is more than ${String(limits.rehearsedDays)} days ago.`] : []),
          ...(isWhole ? [] : ['Not all of it was undone.']),
        ],
        fix,
      };
    }
  }
}

function signed({ rules, signed: by }: ChecklistFacts): Found {
  const fix = `Have whoever answers for the business read the approvals and switches in policies/, and write there: checklist: { thresholds: { signed_by: NAME, on: DAY, rules: '${rules}' } }`;
  if (by === null) return { evidence: [], against: ['Nobody has signed the limits.'], fix };
  return {
    evidence: [`${by.by} signed ${by.rules} on ${by.on}`],
    against: by.rules === rules ? [] : [`The rules in force are ${rules}, and others were signed.`],
    fix,
  };
}

/** A pilot is one workflow; the time counts from the first write, or from now where there is none yet. */
function oneWorkflow({ now, agents, pilots, firstWriteAt }: ChecklistFacts): Found {
  const fix =
    'Declare one pilot for the agent that writes, until the time is over, and give no other agent anything to write: `pilots` under `approvals` in policies/.';
  const from = firstWriteAt ?? now;
  const until = dayOf(new Date(from.getTime() + limits.pilotDays * DAY_MS));
  const today = dayOf(now);
  if (today > until) {
    return { evidence: [`the first write was on ${dayOf(from)}: the time is over`], against: [], fix };
  }
  const writing = agents.filter(({ writes, suspended }) => writes.length > 0 && !suspended).map(({ name }) => name);
  const on = pilots.filter((pilot) => pilot.until >= today);
  const free = writing.filter((name) => !on.some(({ agent }) => agent === name));
  return {
    evidence: on.map(
      ({ name, agent, integration, approver, until: end }) =>
        `pilot ${name}: ${agent} in ${integration}, ${approver} approves, until ${end}`,
    ),
    against: [
      ...(writing.length === 0 ? ['No agent may write anything.'] : []),
      ...(on.length > 1 ? [`There are ${String(on.length)} pilots at once.`] : []),
      ...free.map((name) => `Agent ${name} may write and is not on trial.`),
      ...on.flatMap(({ name, until: end }) => (end < until ? [`Pilot ${name} ends before ${until}.`] : [])),
    ],
    fix,
  };
}

const DAY_MS = 24 * 3_600_000;
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

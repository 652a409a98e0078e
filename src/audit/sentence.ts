import { isJsonObject, type Json, type JsonObject } from '../kernel/index.ts';
import type { AuditActor, AuditEntry, AuditKind, AuditSubject } from './types.ts';

/**
 * An entry in one sentence, for people who know their business and not our
 * parts: `copilot, for lena.brandt, changed Nordwind AG (crm/Account/001…): Status from active to churned.`
 */
export function sentenceOf(entry: AuditEntry): string {
  const { kind, actor, subject, reason, amount, detail } = entry;
  // A newer program's kind has none here.
  const sentence: ((said: Said) => string) | undefined = sentences[kind];
  const plan = subject.plan === undefined ? 'a plan' : `plan ${subject.plan}`;
  const said: Said = {
    who: whoText(actor),
    what: thingText(subject),
    about: subject.principal ?? 'a user',
    plan: typeof detail['title'] === 'string' ? `${plan} (${quoted(detail['title'])})` : plan,
    worth: amount === null ? '' : `, worth ${String(amount)}`,
    tool: subject.tool ?? 'a tool',
    detail,
  };
  const text = sentence?.(said) ?? `${said.who}: ${kind.replaceAll('_', ' ')} ${said.what}.`;
  return reason === null || reason === '' ? text : `${text} Reason given: ${quoted(reason)}.`;
}

/** Parts that sentences are put together from. */
interface Said {
  readonly who: string;
  readonly what: string;
  /** A user of the product. */
  readonly about: string;
  readonly plan: string;
  readonly worth: string;
  readonly tool: string;
  readonly detail: JsonObject;
}

const sentences: Readonly<Record<AuditKind, (said: Said) => string>> = {
  tool_called: ({ who, tool, detail }) =>
    typeof detail['not_kept'] === 'number'
      ? `${String(detail['not_kept'])} calls were made and only counted.`
      : `${who} called ${tool}${failed(detail)}.`,
  plan_prepared: ({ who, plan, worth }) => `${who} prepared ${plan}${worth}; nothing was sent.`,
  plan_committed: ({ who, plan, worth }) => `${who} asked for ${plan} to be carried out${worth}.`,
  plan_refused: ({ who, plan, detail }) => `${plan} of ${who} was refused${failed(detail)}.`,
  plan_sent_back: ({ plan, detail }) =>
    `${plan} was approved, but ${text(detail['why'], 'is another now')}: it waits for approval again.`,
  plan_withdrawn: ({ who, plan }) => `${who} withdrew ${plan}.`,
  plan_expired: ({ plan }) => `${plan} ended because its time was over; nothing more of it is sent.`,
  plan_ended: ({ plan, detail }) => `${plan} is done${counts(detail['counts'])}.`,
  take_back_begun: ({ plan, detail }) =>
    `Step ${numberText(detail['failed_step'])} of ${plan} did not succeed: what was written before is taken back.`,
  step_turned_back: ({ plan, detail }) =>
    `Gantry began to take back step ${numberText(detail['step'])} of ${plan}${remains(detail)}.`,
  step_taken_back: ({ plan, detail }) =>
    `Nothing of step ${numberText(detail['step'])} of ${plan} stands there any more.`,
  take_back_stuck: ({ plan, detail }) =>
    `Step ${numberText(detail['step'])} of ${plan} could not be taken back${remains(detail)}; a person has to look.`,
  take_back_said: ({ who, plan, detail }) =>
    detail['said'] === 'again'
      ? `${who} had step ${numberText(detail['step'])} of ${plan} compared again.`
      : `${who} left what stands there of step ${numberText(detail['step'])} of ${plan}${remains(detail)}.`,
  approval_asked: ({ plan, worth, detail }) =>
    `${plan}${worth} waits for ${text(detail['from'], 'an approver')}${until(detail['due'])}.`,
  approval_decided: ({ who, plan, worth, detail }) =>
    `${who} ${detail['decision'] === 'approved' ? 'approved' : 'rejected'} ${plan}${worth}.`,
  approval_reminded: ({ plan, detail }) => `${text(detail['to'], 'The approvers')} were reminded of ${plan}.`,
  approval_escalated: ({ plan, detail }) =>
    `Nobody decided on ${plan} in time; ${text(detail['to'], 'the next in line')} was told.`,
  approval_expired: ({ plan }) => `Nobody decided on ${plan} in time: that counts as no.`,
  approval_delegated: ({ who, detail }) =>
    `${who} gave ${approvalsOf(who, detail)} to ${text(detail['to'], 'somebody else')}${since(detail['since'])}${until(detail['until'])}.`,
  delegation_ended: ({ who, detail }) =>
    `${who} took ${approvalsOf(who, detail)} back from ${text(detail['to'], 'somebody else')}.`,
  glass_broken: ({ who, plan, worth }) => `${who} had ${plan} carried out without the approval that it needs${worth}.`,
  review_opened: ({ plan, worth, detail }) => `${plan}${worth} has to be looked at afterwards${until(detail['due'])}.`,
  review_done: ({ who, plan, detail }) => `${who} looked at ${plan} afterwards: ${text(detail['verdict'], 'seen')}.`,
  write_attempted: ({ what, plan, detail }) => `Gantry sent the ${operation(detail)} of ${what} for ${plan}.`,
  write_ended: ended,
  write_unknown: ({ what, detail }) =>
    `Whether the ${operation(detail)} of ${what} took effect is not known; it is looked up.`,
  write_settled: ({ who, what, detail }) =>
    `${typeof detail['said'] === 'string' ? `${who} says so` : 'It is known now'}: the ${operation(detail)} of ${what} ${settled(detail)}.`,
  undo_prepared: ({ who, plan, detail }) =>
    `${who} prepared to undo ${text(detail['undoes'], 'what was written')} with ${plan}; nothing was sent.`,
  switch_thrown: ({ who, detail }) =>
    `${who} stopped ${text(detail['scope'], 'everything')} (${text(detail['mode'], 'stop')}).`,
  switch_lift_asked: ({ who, detail }) =>
    `${who} asked for ${text(detail['scope'], 'everything')} to go on; somebody else has to grant it.`,
  switch_lifted: ({ who, detail }) =>
    `${who} let ${text(detail['scope'], 'everything')} go on, as ${text(detail['asked_by'], 'somebody else')} had asked.`,
  configuration_changed: ({ who, detail }) => `${who} changed ${text(detail['what'], 'the configuration')}.`,
  sign_in_link_made: ({ who, about, detail }) =>
    `${who} made a link that signs in ${about}${typeof detail['client'] === 'string' ? ` for ${detail['client']}` : ''}.`,
  subject_erased: ({ who, detail }) =>
    Array.isArray(detail['entries'])
      ? `What ${detail['entries'].length === 1 ? '1 entry' : `${String(detail['entries'].length)} entries`} said was erased.`
      : `A person was erased, as ${who} asked.`,
  erasure_lifted: ({ who, detail }) =>
    `${who} lifted erasure ${numberText(detail['erasure'])}: what it kept out may come in again.`,
  offboarding_asked: ({ who, detail }) =>
    `${who} had ${text(detail['tenant'], 'a tenant')} leave: all keys and sign-ins of it ended at once, and everything else of it is removed.`,
  offboarding_done: ({ who, detail }) =>
    `${text(detail['tenant'], 'A tenant')} has left, as ${who} asked: nothing of it is kept here any more.`,
};

/** Whose they are is a name in lower case. */
const approvalsOf = (who: string, { from }: JsonObject): string =>
  typeof from !== 'string' || from === who.toLowerCase() ? 'their own approvals' : `the approvals of ${from}`;

function whoText(actor: AuditActor): string {
  if (actor.kind === 'gantry') return 'Gantry';
  if (actor.kind === 'operator') return actor.name;
  return actor.principal === null ? actor.agent : `${actor.agent}, for ${actor.principal},`;
}

function thingText({ label, record, connection, object }: AuditSubject): string {
  if (record !== undefined) return label === undefined ? record : `${label} (${record})`;
  const place = [connection, object].filter((part) => part !== undefined).join('/');
  return label ?? (place === '' ? 'a record' : `a record of ${place}`);
}

function ended({ who, what, detail }: Said): string {
  if (outcomeOf(detail) !== 'applied') {
    return `The ${operation(detail)} of ${what} by ${who} came to nothing${failed(detail)}.`;
  }
  const verb = { create: 'created', delete: 'deleted' }[operation(detail)] ?? 'changed';
  const changes = Array.isArray(detail['changes']) ? detail['changes'].flatMap(changeText) : [];
  const back =
    typeof detail['takes_back_step'] === 'number' ? `, taking back step ${String(detail['takes_back_step'])}` : '';
  return `${who} ${verb} ${what}${changes.length === 0 ? '' : `: ${changes.join('; ')}`}${back}.`;
}

/** Of a write: as the system, or a person, said it. */
function outcomeOf({ outcome, said }: JsonObject): string | null {
  if (typeof said === 'string') return said;
  return isJsonObject(outcome) && typeof outcome['kind'] === 'string' ? outcome['kind'] : null;
}

function settled(detail: JsonObject): string {
  switch (outcomeOf(detail)) {
    case 'applied':
      return 'took effect';
    case 'not_applied':
      return 'did not take effect';
    case 'send_again':
      return 'did not take effect and is sent again';
    default:
      return 'was settled';
  }
}

function changeText(change: Json): string[] {
  if (!isJsonObject(change)) return [];
  const field = text(change['label'], text(change['field'], 'a field'));
  if (change['hidden'] === true) return [`${field} changed`];
  const after = valueText(change['after']);
  const before = change['before'];
  return [before === undefined ? `${field} to ${after}` : `${field} from ${valueText(before)} to ${after}`];
}

function counts(by: Json | undefined): string {
  if (!isJsonObject(by)) return '';
  const each = Object.entries(by).map(([state, count]) => `${JSON.stringify(count)} ${state.replaceAll('_', ' ')}`);
  return each.length === 0 ? '' : `: ${each.join(', ')}`;
}

const numberText = (value: Json | undefined): string => (typeof value === 'number' ? String(value) : '?');

/** What stands there still of a step, in the first words of it. */
function remains({ remains: left }: JsonObject): string {
  const [first] = Array.isArray(left) ? left : [];
  return isJsonObject(first) && typeof first['why'] === 'string' ? ` (${first['why'].replace(/\.$/, '')})` : '';
}

const operation = (detail: JsonObject): string => text(detail['operation'], 'change');
const failed = ({ error, code }: JsonObject): string => {
  const why = typeof error === 'string' ? error : code;
  return typeof why === 'string' ? `: ${why.replaceAll('_', ' ')}` : '';
};
const since = (at: Json | undefined): string => (typeof at === 'string' ? ` from ${at}` : '');
const until = (at: Json | undefined): string => (typeof at === 'string' ? ` until ${at}` : '');
const text = (value: Json | undefined, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

function valueText(value: Json | undefined): string {
  if (value === null || value === undefined || value === '') return 'nothing';
  return short(typeof value === 'string' ? value : JSON.stringify(value));
}

const quoted = (said: string): string => `“${short(said)}”`;
const short = (long: string): string => (long.length > shownChars ? `${long.slice(0, shownChars)}…` : long);
const shownChars = 120;

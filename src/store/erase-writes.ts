import { count, emptied, ofUsers, says, saysIn, told } from './erase-sql.ts';

/*
 * What plans, their writes and their approvals say of a person. They are theirs
 * by the record that was written; of what was never written there is no record,
 * and it is found by what it says, as are others' writes that name them.
 */

/** Stands for a user of whom nothing is left. */
export const erasedName = '(erased)';

const ended = 'ended_at is not null';
const endedPlans = `(select id from write_plan where tenant = $1 and ${ended})`;
/** A write of a plan that is over never goes on, whatever became of it. */
const isOver = `(${ended} or plan in ${endedPlans})`;
const isWaiting = `ended_at is null and plan not in ${endedPlans}`;

const ofWrites = `${isOver} and ${told('record_id')}`;
const inPlans = `plan in (select plan from write where tenant = $1 and ${ofWrites})`;
const inWrites = `(plan, item) in (select plan, item from write where tenant = $1 and ${ofWrites})`;
const ofPlans = `${ended} and id in (select plan from write where tenant = $1 and ${ofWrites})`;

const unwritten = `record_id is null and ${isOver}`;
const inUnwritten = `(plan, item) in (select plan, item from write where tenant = $1 and ${unwritten})`;
const withUnwritten = (plan: string): string =>
  `${plan} in (select plan from write where tenant = $1 and ${unwritten}) and ${plan} in ${endedPlans}`;
const inOver = `(plan, item) in (select plan, item from write where tenant = $1 and ${isOver})`;
const inWaiting = (more: string): string =>
  `(plan, item) in (select plan, item from write where tenant = $1 and ${isWaiting} and ${more})`;

const unerased = "content ->> 'erased' is null";
const contentSays = `${unerased} and ${saysIn('content')}`;
/** Where in a plan words of people, of records or about them can stand; the rest is numbers, and names of the configuration. */
const planWords =
  saysIn(`jsonb_build_array(content #> '{intent,records}', content #> '{intent,reason}', content -> 'title',
    content -> 'problems', content -> 'warnings', content -> 'sideEffects', content -> 'preconditions', content -> 'unseen',
    content #> '{impact,why}', content #> '{decision,because}',
    jsonb_path_query_array(content, '$.question.parts[*].rows'))`);
const journalSays = saysIn('jsonb_build_array(before, after)');
const shownSays = `(${saysIn('shown')} or ${says("concat_ws(' ', title, reason, glass_reason)")})`;
const caseOver = `(${ended} or plan in ${endedPlans})`;

/** What was asked for as a whole, of all records of the plan, with what the rules were told of them. */
const emptyPlan = [
  "(content - 'unseen') #- '{intent,reason}'",
  "'{intent,records}', '[]'",
  "'{impact,why}', '\"(erased)\"', false",
  "'{decision,because}', '[]', false",
  "'{question,parts}', '[]', false",
].reduce((inner, part) => `jsonb_set(${inner}, ${part})`);
const emptiedPlan = `(${emptyPlan}) || '{"problems": [], "warnings": [], "sideEffects": [], "preconditions": [], "erased": true}'`;
/** With the title, which is ours and hardly ever names anybody. */
const namelessPlan = `${emptiedPlan} || '{"title": "(erased)"}'`;
/** The rules were asked for them as well. */
const userlessPlan = `content = jsonb_set(content, '{question,principal}', '"(erased)"', false)`;

const emptiedContent = `content = (content - 'restores') || '{"values": {}, "before": null, "changes": [], "label": null, "match": null, "recordId": null, "erased": true}'`;
const emptiedJournal =
  'before = null, after = null, outcome = case when outcome ? \'recordId\' then outcome || \'{"recordId": ""}\' else outcome end';
const emptiedCase = `shown = '{}', reason = null, title = '(erased)',
    glass_reason = case when glass_reason is null then null else '(erased)' end`;

const hasImages = '(before is not null or after is not null)';
/** By name: the table, what is set in it, and where. */
const places = {
  write_contents: ['write_content', emptiedContent, `${unerased} and ${inWrites}`],
  write_journal: ['write_attempt', emptiedJournal, `${hasImages} and ${inWrites}`],
  write_intents: ['write_plan', `content = ${emptiedPlan}`, `${unerased} and ${ofPlans}`],
  approvals: ['approval_case', "shown = '{}', reason = null", `shown <> '{}'::jsonb and ${inPlans}`],
  writes: ['write', "record_id = null, target = '(erased)'", ofWrites],
  user_plans: ['write_plan', `principal = '(erased)', ${userlessPlan}`, `${ended} and ${ofUsers}`],
  user_sendings: ['write_sending', "principal = '(erased)'", `${ended} and ${ofUsers}`],
  user_spending: ['policy_spent', "principal = '(erased)'", ofUsers],
  user_approvals: ['approval_case', "principal = '(erased)'", `${ended} and ${ofUsers}`],
  // A value that was to find the record, as JSON.
  write_targets: ['write', "target = '(erased)'", `${isOver} and ${saysIn('target')}`],
  plan_notes: ['write_plan', "reason = '(erased)'", `${ended} and ${says('reason')}`],
  approval_notes: ['approval', "reason = '(erased)'", `decided_at is not null and ${says('reason')}`],
  unwritten_intents: ['write_plan', `content = ${namelessPlan}`, `${withUnwritten('id')} and ${planWords}`],
  unwritten_approvals: ['approval_case', emptiedCase, `${withUnwritten('plan')} and ${shownSays}`],
  unwritten_journal: ['write_attempt', emptiedJournal, `${inUnwritten} and ${journalSays}`],
  unwritten_contents: ['write_content', emptiedContent, `${inUnwritten} and ${contentSays}`],
  intent_mentions: ['write_plan', `content = ${namelessPlan}`, `${ended} and ${planWords}`],
  approval_mentions: ['approval_case', emptiedCase, `${caseOver} and ${shownSays}`],
  journal_mentions: ['write_attempt', emptiedJournal, `${inOver} and ${journalSays}`],
  write_mentions: ['write_content', emptiedContent, `${inOver} and ${contentSays}`],
} as const satisfies Readonly<Record<string, readonly [string, string, string]>>;

type WritePlace = keyof typeof places;

const statements = (
  make: (table: string, set: string, where: string) => string,
): Readonly<Record<WritePlace, string>> =>
  Object.fromEntries(
    Object.entries(places).map(([name, [table, set, where]]) => [name, make(table, set, where)]),
  ) as Record<WritePlace, string>;

export const writeCounts = statements((table, _set, where) => count(table, where));
export const writeErasures = statements(emptied);

/** What still goes on, or may, and cannot be taken from whoever carries it out: it is counted, and erased when it is over. */
export const waitingCounts = {
  waiting_writes: count('write', `${isWaiting} and ${told('record_id')}`),
  waiting_intents: count(
    'write_plan',
    `ended_at is null and id in (select plan from write where tenant = $1 and ${told('record_id')})`,
  ),
  waiting_creates: count('write_content', `${inWaiting('record_id is null')} and ${contentSays}`),
  waiting_mentions: count('write_content', `${inWaiting('record_id is not null')} and ${contentSays}`),
  waiting_plans: count('write_plan', `ended_at is null and ${ofUsers}`),
  waiting_sendings: count('write_sending', `ended_at is null and ${ofUsers}`),
  waiting_approvals: count('approval_case', `ended_at is null and ${ofUsers}`),
  waiting_bars: count(
    'approval',
    'decided_at is null and exists (select 1 from unnest($2::text[]) p where lower(p) = any(barred))',
  ),
  open_switches: count('switch', "lifted_at is null and subject ->> 'principal' = any($2::text[])"),
} as const;

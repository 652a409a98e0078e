import { isJsonObject, type Json, type JsonObject } from '../kernel/index.ts';
import { accessLine, unknownLines } from './access-text.ts';
import { counted } from './object-text.ts';

export const text = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

/** A connection with its objects, as a support person reads it. `tenant`: for the commands that it names. */
export function connectionLines(connection: JsonObject, tenant: string): string[] {
  const told: Told = new Map();
  return [
    ...lifeLines(connection),
    ...toldLines(connection, tenant),
    ...objectsOf(connection).flatMap((object) => [
      objectLine(object),
      ...accessLine(object),
      ...unknownLines(object, whoSays),
      ...attention(object, told),
      ...leftovers(connection, object, tenant),
    ]),
  ];
}

/** The same, of objects only what somebody has to look at. */
export function conditionLines(connection: JsonObject, tenant: string): string[] {
  const told: Told = new Map();
  return [
    ...lifeLines(connection),
    ...toldLines(connection, tenant),
    ...objectsOf(connection).flatMap((object) => {
      const lines = [
        ...unknownLines(object, whoSays),
        ...attention(object, told),
        ...leftovers(connection, object, tenant),
      ];
      return lines.length === 0 ? [] : [`  ${text(object['object'])}`, ...lines];
    }),
  ];
}

const objectsOf = (connection: JsonObject): JsonObject[] =>
  (Array.isArray(connection['objects']) ? (connection['objects'] as Json[]) : []).filter(isJsonObject);

const whoText: Readonly<Record<string, string>> = {
  tenant_admin: 'an administrator of the customer',
  end_user: 'an administrator of the customer',
  product_team: 'you, whose project it is',
  agent: 'you, whose agent it is',
  operator: 'you, the operator',
  provider: 'the provider; nobody here needs to act',
};

/** Its name and health, and where something is wrong: what, since when, who can change it, what happens meanwhile. */
export function lifeLines(connection: JsonObject): string[] {
  const { connection: slug, system, health, state, what, problem, since } = connection;
  const lines = [`${text(slug)} (${text(system)}): ${text(health)}`];
  if (state === undefined) return [...lines, ...(problem === null ? [] : [`  ${text(problem)}`])];
  if (health === 'ok') return lines;
  const { who_can_fix: who, meanwhile, next_try: next, error_code: code } = connection;
  // The connection is well, some of its objects are not: they speak for themselves.
  if (state === 'working') return [...lines, ...(problem === null ? [] : [`  problem    ${text(problem)}`])];
  lines.push(`  state      ${text(state).replaceAll('_', ' ')} since ${text(since)}: ${text(what)}`);
  const unsaid = problem === null ? '' : withoutSaid(text(problem), `${text(what)} ${text(connection['fix'])}`);
  if (unsaid !== '') lines.push(`  problem    ${unsaid}${code === null ? '' : ` [${text(code)}]`}`);
  if (who !== null) lines.push(`  who        ${whoSays(connection)}`);
  lines.push(`  meanwhile  ${text(meanwhile)}`, `  next try   ${next === null ? 'not by itself' : text(next)}`);
  return lines;
}

/** The sentences of a text that stand nowhere else. */
const withoutSaid = (whole: string, said: string): string =>
  whole
    .split(/(?<=[.!?]) /)
    .filter((sentence) => !said.includes(sentence))
    .join(' ');

/** How the connection hears of changes, what it gave up, whether it is called, and sign-ins that end. */
function toldLines(connection: JsonObject, tenant: string): string[] {
  const { line, webhook, circuit, dead_events: dead, sign_ins_ending: ending, connection: slug } = connection;
  const lines: string[] = [];
  for (const [name, told] of [['events', line] as const, ['webhook', webhook] as const]) {
    if (!isJsonObject(told)) continue;
    lines.push(`  ${name.padEnd(10)} ${text(told['what'])}`, ...deliveryLines(told), ...whoLines(told, DEEP));
  }
  if (isJsonObject(circuit)) {
    lines.push(
      `  calls      too many in a row failed: nobody calls the provider before ${text(circuit['retry_at'])}, then one call tries it`,
    );
  }
  if (typeof dead === 'number' && dead > 0) {
    lines.push(
      `  dead       ${counted(dead, 'event')} could not be read: gantry dead-events --tenant ${tenant} --connection ${text(slug)}`,
    );
  }
  for (const { user, ends_at: at } of (Array.isArray(ending) ? (ending as Json[]) : []).filter(isJsonObject)) {
    const whose = user === null ? 'its sign-in' : `the sign-in of ${text(user)}`;
    lines.push(
      `  sign-in    ${whose} ends on ${text(at).slice(0, 10)}: an administrator of the customer makes a new key at the provider and signs in with it`,
    );
  }
  return lines;
}

/** Of a webhook: when it was heard, and deliveries that were not believed. */
function deliveryLines({ last_delivery: last, refused, last_refused: at }: JsonObject): string[] {
  return [
    ...(typeof last === 'string' ? [`${DEEP}last delivery ${last}`] : []),
    ...(typeof refused === 'number' && refused > 0
      ? [
          `${DEEP}${counted(refused, 'delivery')} refused, the last ${text(at)}: does the provider sign with the present secret?`,
        ]
      : []),
  ];
}

const DEEP = ' '.repeat(13);

/** Who can change it, and how; nothing where nobody needs to act. */
const whoLines = (told: JsonObject, indent: string): string[] =>
  told['who_can_fix'] === null || told['who_can_fix'] === undefined ? [] : [`${indent}${whoSays(told)}`];

/** `an administrator of the customer: Give the user the permission.` */
export function whoSays({ who_can_fix: who, fix }: JsonObject): string {
  return `${whoText[text(who)] ?? text(who)}${fix === null || fix === undefined ? '' : `: ${text(fix)}`}`;
}

const ATTENTION = new Set(['paused', 'held', 'failing', 'waiting', 'overdue']);

/** What was said of objects of this connection already, and of which first. */
type Told = Map<string, string>;

/** What is wrong with an object, and who can change it; in short where the same was said of another one. */
function attention(object: JsonObject, told: Told): string[] {
  const { state, what, problem } = object;
  // Of an older server there is the problem alone.
  if (state === undefined) return problem === undefined ? [] : [`    ${text(problem)}`];
  if (!ATTENTION.has(text(state))) return [];
  const lines = [`    ${text(what)}`, ...whoLines(object, '    ')];
  const words = lines.join('\n');
  const first = told.get(words);
  if (first !== undefined) return [`    ${text(state)}, as ${first}`];
  told.set(words, text(object['object']));
  return lines;
}

/** What was set aside of an object, and the commands that show it. */
function leftovers({ connection }: JsonObject, object: JsonObject, tenant: string): string[] {
  const { dead_letters: dead, set_aside: aside, object: name } = object;
  const place = `--tenant ${tenant} --connection ${text(connection)} --object ${text(name)}`;
  return [
    ...(typeof dead === 'number' && dead > 0
      ? [`    ${counted(dead, 'dead letter')}, left out until they are read: gantry dead-letters ${place}`]
      : []),
    ...(typeof aside === 'number' && aside > 0
      ? [`    ${counted(aside, 'value')} set aside, missing in their records: gantry quarantine ${place}`]
      : []),
  ];
}

function objectLine(object: JsonObject): string {
  const load =
    object['backfill'] === 'complete' ? `as of ${text(object['as_of'])}` : `first load ${text(object['backfill'])}`;
  const aside = object['set_aside'] === 0 ? '' : `, ${text(object['set_aside'])} set aside`;
  const leftOut = object['left_out'] === undefined ? '' : `, left out: ${leftOutText(object['left_out'])}`;
  return `  ${text(object['object']).padEnd(32)} ${text(object['records']).padStart(9)}  ${load}${aside}${leftOut}${unmatchedText(object['unmatched'])}`;
}

/** A line for each field that recognises as good as nothing. */
function unmatchedText(counts: Json | undefined): string {
  const byField = isJsonObject(counts) ? Object.entries(counts) : [];
  return byField
    .map(([field, count]) => {
      const { records, matched } = isJsonObject(count) ? count : {};
      return `\n    ${field} recognises ${text(matched)} of ${text(records)} records: do the systems write it alike?`;
    })
    .join('');
}

/** `12 without deal.amount`, for each field. */
function leftOutText(counts: Json): string {
  const byField = isJsonObject(counts) ? Object.entries(counts) : [];
  return byField.map(([field, records]) => `${text(records)} without ${field}`).join(', ');
}

import { isJsonObject, type Json, type JsonObject } from '../kernel/index.ts';

export const text = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

/** A connection with its objects, as a support person reads it. */
export function connectionLines(connection: JsonObject): string[] {
  return [...lifeLines(connection), ...(connection['objects'] as Json[]).filter(isJsonObject).map(objectLine)];
}

const whoText: Readonly<Record<string, string>> = {
  tenant_admin: 'an administrator of the customer',
  operator: 'you, the operator',
  provider: 'the provider; nobody here needs to act',
};

/** Its name and health, and where something is wrong: what, since when, who can change it, what happens meanwhile. */
export function lifeLines(connection: JsonObject): string[] {
  const { connection: slug, system, health, state, what, problem, since } = connection;
  const lines = [`${text(slug)} (${text(system)}): ${text(health)}`];
  if (state === undefined) return [...lines, ...(problem === null ? [] : [`  ${text(problem)}`])];
  if (health === 'ok') return lines;
  const { who_can_fix: who, fix, meanwhile, next_try: next, error_code: code } = connection;
  lines.push(`  state      ${text(state).replaceAll('_', ' ')} since ${text(since)}: ${text(what)}`);
  if (problem !== null) lines.push(`  problem    ${text(problem)}${code === null ? '' : ` [${text(code)}]`}`);
  if (who !== null)
    lines.push(`  who        ${whoText[text(who)] ?? text(who)}${fix === null ? '' : `: ${text(fix)}`}`);
  lines.push(`  meanwhile  ${text(meanwhile)}`, `  next try   ${next === null ? 'not by itself' : text(next)}`);
  return lines;
}

function objectLine(object: JsonObject): string {
  const load =
    object['backfill'] === 'complete' ? `as of ${text(object['as_of'])}` : `first load ${text(object['backfill'])}`;
  const aside = object['set_aside'] === 0 ? '' : `, ${text(object['set_aside'])} set aside`;
  const leftOut = object['left_out'] === undefined ? '' : `, left out: ${leftOutText(object['left_out'])}`;
  const problem = object['problem'] === undefined ? '' : `\n    ${text(object['problem'])}`;
  return `  ${text(object['object']).padEnd(32)} ${text(object['records']).padStart(9)}  ${load}${aside}${leftOut}${unmatchedText(object['unmatched'])}${problem}`;
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

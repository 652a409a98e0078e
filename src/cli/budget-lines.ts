import { isJsonObject, type Json, type JsonObject } from '../kernel/index.ts';

/** What is left of the calls that providers allow, a line for each limit. */
export function budgetLines(budgets: Json | undefined): string[] {
  const all = Array.isArray(budgets) ? budgets.filter(isJsonObject) : [];
  return all.length === 0 ? [] : ['calls:', ...all.map(lineOf)];
}

function lineOf(budget: JsonObject): string {
  const { provider, account, limit, used, calls, reserve } = budget;
  const of = calls === null ? '' : ` of ${text(calls)}, ${text(reserve)} in reserve`;
  const moments = [
    moment('no call before', budget['blocked_until']),
    moment('used up at', budget['exhausted_at']),
    moment('resets', budget['resets_at']),
  ].join('');
  return `  ${text(provider)} ${account === null ? '' : `${text(account)} `}${text(limit)}: ${text(used)} used${of}${moments}`;
}

const moment = (words: string, at: Json | undefined): string => (typeof at === 'string' ? `, ${words} ${at}` : '');

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

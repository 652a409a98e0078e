import type { JsonObject } from '../../kernel/index.ts';

const SCHEME = 'gantry://plans/';

/** Where the rest of a plan's writes stands. */
export const planLink = (plan: string, from: number): string => `${SCHEME}${plan}?from=${String(from)}`;

/** What such a link asks for; null where it is none. */
export function parsePlanLink(uri: string): { readonly plan: string; readonly from: number } | null {
  const [, plan, from = '0'] = /^gantry:\/\/plans\/(plan_[\w-]{22})(?:\?from=(\d{1,6}))?$/.exec(uri) ?? [];
  return plan === undefined ? null : { plan, from: Number(from) };
}

/** The link of an answer that shows some of a plan's writes. */
export function planLinks({
  more,
}: JsonObject): { readonly uri: string; readonly name: string; readonly mimeType: 'application/json' }[] {
  return typeof more === 'string' && parsePlanLink(more) !== null
    ? [{ uri: more, name: 'the other writes of the plan', mimeType: 'application/json' }]
    : [];
}

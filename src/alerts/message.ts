import type { JsonObject } from '../kernel/index.ts';
import type { AlertRow } from '../store/index.ts';
import type { NoticeKind } from './notice.ts';

/** What a message is about. */
export interface Told {
  readonly kind: NoticeKind | 'test';
  /** Slug; null: it concerns the whole installation. */
  readonly tenant: string | null;
  readonly alert: Pick<
    AlertRow,
    'id' | 'topic' | 'severity' | 'title' | 'detail' | 'who' | 'fix' | 'since' | 'openedAt' | 'resolvedAt'
  >;
}

const KIND_WORDS: Readonly<Record<Told['kind'], string>> = {
  opened: '',
  reminder: 'Still: ',
  resolved: 'Over: ',
  test: 'Test: ',
};

const WHO_WORDS: Readonly<Record<string, string>> = {
  tenant_admin: 'an administrator of the customer',
  operator: 'whoever operates Gantry',
  product_team: 'the product team',
  provider: 'the provider',
};

/** `CRITICAL acme: crm: somebody has to sign in again`, one line. */
export function headline({ kind, tenant, alert }: Told): string {
  const about = tenant === null ? '' : `${tenant}: `;
  return oneLine(`${alert.severity.toUpperCase()} ${KIND_WORDS[kind]}${about}${alert.title}`);
}

/** What it means and what to do, a paragraph each. */
export function paragraphs({ kind, tenant, alert }: Told): string[] {
  const { topic, detail, who, fix, since, resolvedAt } = alert;
  const facts = `Topic ${topic}, ${tenant === null ? 'installation' : `tenant ${tenant}`}, alert ${String(alert.id)}.`;
  if (kind === 'resolved') {
    return [`It lasted from ${moment(since)} to ${moment(resolvedAt ?? since)}.`, facts].map(oneLine);
  }
  const help = `To be put right by ${WHO_WORDS[who] ?? who}: ${fix}`;
  return [`Since ${moment(since)}. ${detail}`, help, facts].map(oneLine);
}

/** As webhooks carry it: `alert.opened` and its data, every text as it is. */
export function messageBody({ kind, tenant, alert }: Told, at: Date): JsonObject {
  const { id, topic, severity, title, detail, who, fix, since, openedAt, resolvedAt } = alert;
  return {
    type: `alert.${kind}`,
    timestamp: at.toISOString(),
    data: {
      alert: id,
      tenant,
      topic,
      severity,
      title,
      detail,
      who_can_fix: who,
      fix,
      since: since.toISOString(),
      opened_at: openedAt?.toISOString() ?? null,
      resolved_at: resolvedAt?.toISOString() ?? null,
    },
  };
}

/**
 * For Slack's incoming webhooks and what takes the same (Mattermost,
 * Rocket.Chat): text whose names cannot format, link or call anybody.
 * Sources: Slack, "Formatting message text", Escaping text: & < > stand for
 * themselves only as entities, and mentions and links are written within < >.
 * Others also read Markdown, so `@`, link signs and addresses are taken apart
 * by a space that nobody sees.
 */
export function chatText(told: Told): string {
  return [headline(told), ...paragraphs(told)].map(forChat).join('\n');
}

const GAP = '\u200b';

export const forChat = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[@#!\\[\]`*~|]/g, (sign) => `${sign}${GAP}`)
    .replaceAll('](', `]${GAP}(`)
    .replaceAll('://', `:${GAP}//`)
    .replaceAll(/\bwww\./gi, (www) => `${www.slice(0, -1)}${GAP}.`);

/** Plain text: nothing in it can be markup, and the subject is one line. */
export function mailText(told: Told): { readonly subject: string; readonly text: string } {
  return { subject: headline(told), text: `${paragraphs(told).join('\n\n')}\n` };
}

const oneLine = (text: string): string => text.replaceAll(/\s+/gu, ' ').trim();

const moment = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

import { canonicalJson, type Json, type JsonObject } from '../kernel/index.ts';
import type { AuditColumns } from '../store/index.ts';
import type { AuditEntry } from './types.ts';

/** What is committed to: the entry, in one spelling. */
export function bodyOf({ actor, subject, reason, amount, detail }: AuditEntry): string {
  return canonicalJson({ actor, subject: { ...subject }, reason, amount, detail } satisfies Json);
}

/**
 * What a body is searched by. Worked out from the body alone, so that a check
 * finds columns that say something else than what is committed to.
 */
export function columnsOf({ actor, subject, amount }: Pick<AuditEntry, 'actor' | 'subject' | 'amount'>): AuditColumns {
  return {
    agent: actor.kind === 'agent' ? columnText(actor.agent) : null,
    principal: columnText(actor.kind === 'agent' ? actor.principal : subject.principal),
    operator: actor.kind === 'operator' ? columnText(actor.name) : null,
    plan: columnText(subject.plan),
    connection: columnText(subject.connection),
    object: columnText(subject.object),
    model: columnText(subject.model),
    record: columnText(subject.record),
    recordKey: columnText(subject.record?.slice(subject.record.lastIndexOf('/') + 1)),
    label: columnText(subject.label?.slice(0, labelLength).toLowerCase()),
    amount,
  };
}

/** The entry that a body says; null: not one of ours. */
export function readBody(body: string): Omit<AuditEntry, 'kind'> | null {
  try {
    const said = JSON.parse(body) as JsonObject;
    return 'actor' in said && 'subject' in said ? (said as unknown as Omit<AuditEntry, 'kind'>) : null;
  } catch {
    return null;
  }
}

/** Longer names are cut: an index takes a third of a page. */
const labelLength = 200;

/** PostgreSQL's texts hold neither U+0000 nor half a pair; the body, which escapes them, does. */
function columnText(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : text.toWellFormed().replaceAll('\u0000', '\ufffd');
}

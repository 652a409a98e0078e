import type { TenantId } from '../kernel/index.ts';
import { searchAuditRows, type AuditSearch, type Db } from '../store/index.ts';
import { readBody } from './entry-body.ts';
import { sentenceOf } from './sentence.ts';
import type { AuditEntry, AuditKind } from './types.ts';

export interface AuditQuestion extends Omit<AuditSearch, 'record' | 'label' | 'kinds'> {
  /** A record by its reference, its id, or, where nothing has that id, a part of its name. */
  readonly about: string | null;
  readonly kinds: readonly AuditKind[] | null;
}

export interface ToldEntry {
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  readonly sentence: string;
  /** Null: erased. */
  readonly entry: Omit<AuditEntry, 'kind'> | null;
}

/** Null `next`: that is all. */
export interface AuditAnswer {
  readonly entries: readonly ToldEntry[];
  readonly next: number | null;
}

/** The newest first. */
export async function searchAudit(
  db: Db,
  tenant: TenantId,
  { about, ...question }: AuditQuestion,
  page: { readonly before: number | null; readonly limit: number },
): Promise<AuditAnswer> {
  const find = (which: Pick<AuditSearch, 'record' | 'label'>) =>
    db.tenantRead(tenant, (tx) =>
      searchAuditRows(tx, tenant, { ...question, ...which }, { ...page, limit: page.limit + 1 }),
    );
  const exactly = await find({ record: about, label: null });
  const isName = about !== null && exactly.length === 0;
  const rows = isName ? await find({ record: null, label: about.toLowerCase() }) : exactly;
  const entries = rows.slice(0, page.limit).map(told);
  return { entries, next: rows.length > page.limit ? (entries.at(-1)?.seq ?? null) : null };
}

function told({ seq, at, kind, body }: Awaited<ReturnType<typeof searchAuditRows>>[number]): ToldEntry {
  const entry = body === null ? null : readBody(body);
  const sentence =
    entry === null ? 'What this entry said was erased.' : sentenceOf({ ...entry, kind: kind as AuditKind });
  return { seq, at, kind, sentence, entry };
}

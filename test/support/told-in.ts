import { searchAudit, type AuditQuestion, type ToldEntry } from '../../src/audit/index.ts';
import type { TenantId } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';

const everything: AuditQuestion = {
  about: null,
  agent: null,
  person: null,
  plan: null,
  connection: null,
  object: null,
  model: null,
  kinds: null,
  from: null,
  to: null,
  amountFrom: null,
  amountTo: null,
};

/** What the audit answers, the newest first; of `INSTALLATION_CHAIN`, too. */
export async function toldIn(
  db: Db,
  tenant: TenantId,
  asked: Partial<AuditQuestion> = {},
): Promise<readonly ToldEntry[]> {
  const { entries } = await searchAudit(db, tenant, { ...everything, ...asked }, { before: null, limit: 100 });
  return entries;
}

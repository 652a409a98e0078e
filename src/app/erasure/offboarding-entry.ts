import type { AuditEntry } from '../../audit/index.ts';
import type { JsonObject } from '../../kernel/index.ts';
import type { OffboardingRow } from '../../store/index.ts';

/** For the installation's chain: the tenant's own goes with the tenant, and somebody has to answer for that, too. */
export const offboardingEntry = (
  kind: 'offboarding_asked' | 'offboarding_done',
  { id, slug, tenant, askedBy, note }: Pick<OffboardingRow, 'id' | 'slug' | 'tenant' | 'askedBy' | 'note'>,
  more: JsonObject,
): AuditEntry => ({
  kind,
  actor: { kind: 'operator', name: askedBy },
  subject: {},
  reason: note,
  amount: null,
  detail: { offboarding: id, tenant: slug, number: tenant, ...more },
});

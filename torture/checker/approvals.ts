import type { Finding } from './finding.ts';
import type { Approval, Intent } from './intents.ts';

/** What the project of the rehearsal has people approve: `<integration>.<object>`. */
const GATED: ReadonlySet<string> = new Set(['crm.Account']);

/**
 * I11: nothing that people have to approve was sent without an approval of
 * exactly that, by somebody who may, before its time was over.
 */
export function unapproved(tenant: string, intents: readonly Intent[], approvals: readonly Approval[]): Finding[] {
  return intents
    .filter(({ integration, object, attempts, ...intent }) => {
      if (intent.tenant !== tenant || attempts === 0 || !GATED.has(`${integration}.${object}`)) return false;
      return !approvals.some((approval) => isGood(approval, intent));
    })
    .map(({ plan, item, object }) => ({
      invariant: 'I11',
      tenant,
      object,
      what: `${plan}/${String(item)} was sent, and nobody approved exactly that`,
    }));
}

function isGood(
  { plan, payloadHash, state, decider, decidedAt, expiresAt, barred }: Approval,
  intent: Pick<Intent, 'plan' | 'payloadHash'>,
): boolean {
  const isOfIt = plan === intent.plan && payloadHash === intent.payloadHash && state === 'approved';
  const inTime = decidedAt !== null && (expiresAt === null || decidedAt <= expiresAt);
  return isOfIt && inTime && decider !== null && !barred.includes(decider);
}

import { limits, type TenantId } from '../kernel/index.ts';
import type { ImagePage } from '../store/index.ts';
import type { SubscriptionDeps } from './deps.ts';

/** Before then, what records were before their changes is no longer known. */
export async function imagesSince(
  deps: Pick<SubscriptionDeps, 'keepDays'>,
  tenant: TenantId,
  now: Date,
): Promise<Date> {
  const days = Math.min(await deps.keepDays(tenant), limits.changeKeepDays);
  return new Date(now.getTime() - days * 86_400_000);
}

/** Whether a page leads on from where its reader stood: nothing in between was removed. */
export function leadsOn(page: ImagePage, afterSeq: number, since: Date): boolean {
  return afterSeq >= page.floor && (page.firstAt === null || page.firstAt >= since);
}

import { limits, type TenantId } from '../kernel/index.ts';
import type { ImagePage } from '../store/index.ts';
import type { SubscriptionDeps } from './deps.ts';

/** For how many days it is known what records were before their changes. To be asked before a transaction. */
export const imageDays = async ({ keepDays }: Pick<SubscriptionDeps, 'keepDays'>, tenant: TenantId): Promise<number> =>
  Math.min(await keepDays(tenant), limits.changeKeepDays);

/** Before then, what records were before their changes is no longer known. */
export const imagesSince = (days: number, now: Date): Date => new Date(now.getTime() - days * 86_400_000);

/** Whether a page leads on from where its reader stood: nothing in between was removed. */
export function leadsOn(page: ImagePage, afterSeq: number, since: Date): boolean {
  return afterSeq >= page.floor && (page.firstAt === null || page.firstAt >= since);
}

import { tenantId } from '../kernel/index.ts';
import { changeChannel, changeHead, readChanges, scanRecords, type Db } from '../store/index.ts';
import type { LensFeed } from './feed.ts';

/** The feed over the store: each call one short transaction of the tenant. */
export function createStoreFeed(db: Db): LensFeed {
  return {
    changesSince: (tenant, afterSeq, limit) =>
      db.tenantTx(tenant, async (tx) => {
        const page = await readChanges(tx, { tenant, afterSeq, limit });
        return {
          seq: page.seq,
          head: page.head,
          changes: page.records.map(({ stream, id, docText, srcAt }) => ({ stream, id, doc: docText, at: srcAt })),
          streams: page.streams.map(({ stream, asOf, phase }) => ({ stream, asOf, backfilling: phase !== 'current' })),
        };
      }),
    scan: (tenant, stream, afterId, limit) =>
      db.tenantTx(tenant, async (tx) => {
        const records = await scanRecords(tx, { tenant, stream, afterId, limit });
        return records.map(({ id, docText, srcAt }) => ({ id, doc: docText, at: srcAt }));
      }),
    head: (tenant) => db.tenantTx(tenant, (tx) => changeHead(tx, tenant)),
    onWake: (listener) =>
      db.listen(changeChannel, (payload) => {
        const tenant = Number(payload);
        if (Number.isSafeInteger(tenant)) listener(tenantId(tenant));
      }),
  };
}

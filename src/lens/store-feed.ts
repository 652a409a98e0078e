import { tenantId } from '../kernel/index.ts';
import { changeChannel, changePlace, readChanges, scanRecords, type Db } from '../store/index.ts';
import type { LensFeed } from './feed.ts';

/** The feed over the store: each call one short transaction of the tenant. */
export function createStoreFeed(db: Db): LensFeed {
  return {
    changesSince: (tenant, { seq: afterSeq, mark }, limit) =>
      db.tenantRead(tenant, async (tx) => {
        const page = await readChanges(tx, { tenant, afterSeq, mark, limit });
        return {
          seq: page.seq,
          head: page.head,
          mark: page.mark,
          continues: page.continues,
          changes: page.records.map(({ stream, id, docText, srcAt, seenAt, acl }) => ({
            stream,
            id,
            doc: docText,
            at: srcAt ?? seenAt,
            acl,
          })),
          streams: page.streams.map(({ stream, asOf, phase }) => ({ stream, asOf, backfilling: phase !== 'current' })),
        };
      }),
    scan: (tenant, stream, afterId, limit) =>
      db.tenantRead(tenant, async (tx) => {
        const records = await scanRecords(tx, { tenant, stream, afterId, limit });
        return records.map(({ id, docText, srcAt, seenAt, acl }) => ({ id, doc: docText, at: srcAt ?? seenAt, acl }));
      }),
    head: (tenant) => db.tenantRead(tenant, (tx) => changePlace(tx, tenant)),
    onWake: (listener) =>
      db.listen(changeChannel, (payload) => {
        const tenant = Number(payload);
        if (Number.isSafeInteger(tenant)) listener(tenantId(tenant));
      }),
  };
}

import {
  canonicalJson,
  contentHash,
  limits,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../../kernel/index.ts';
import {
  accessConnectionOf,
  holdStream,
  ingestRecords,
  lockAccess,
  presentRecords,
  settleChildren,
  suppress,
  type IngestRecord,
  type PresentRecord,
  type Tx,
} from '../../store/index.ts';
import type { Dossier } from './selectors.ts';

/**
 * The person's records become tombstones, so that every copy hears of it at
 * once, and what names them leaves the records of others, where that was asked
 * for. From here on neither comes in again. The streams are held first: a page
 * that is being kept is in before, or sees what is to be left out.
 */
export async function hideRecords(
  tx: Tx,
  { tenant, erasure, mentions: alsoMentions }: { tenant: TenantId; erasure: number; mentions: boolean },
  dossier: Dossier,
): Promise<void> {
  const own = byStream(dossier.own);
  const mentions = byStream(alsoMentions ? dossier.mentions.filter(({ ver }) => ver === null) : []);
  const streams = [...new Set([...own.keys(), ...mentions.keys()])].toSorted((a, b) => a - b);
  const live = new Set<StreamId>();
  for (const stream of streams) if (await holdStream(tx, tenant, stream)) live.add(stream);
  for (const [stream, records] of own) {
    // Its connection was deleted: nobody is shown its records, and they go anyway.
    if (!live.has(stream)) continue;
    const ids = records.map(({ id }) => id);
    const present = await presentInPortions(tx, { tenant, stream }, ids);
    await keep(tx, { tenant, stream }, present.map(tombstone));
    await settleFollowers(tx, { tenant, stream }, ids);
  }
  for (const [stream, records] of mentions) {
    const fields = new Map(records.map((record) => [record.id, record.fields]));
    const present = await presentInPortions(tx, { tenant, stream }, [...fields.keys()]);
    await keep(
      tx,
      { tenant, stream },
      present.map((record) => without(record, fields.get(record.id) ?? [])),
    );
  }
  await suppress(tx, { tenant, erasure }, [
    ...dossier.own,
    ...[...mentions.values()]
      .flat()
      .flatMap(({ stream, id, fields }) => fields.map((field) => ({ stream, id, field }))),
  ]);
}

interface StreamKey {
  readonly tenant: TenantId;
  readonly stream: StreamId;
}

function byStream<Item extends { readonly stream: StreamId }>(items: readonly Item[]): Map<StreamId, Item[]> {
  const map = new Map<StreamId, Item[]>();
  for (const item of items) {
    const list = map.get(item.stream);
    if (list === undefined) map.set(item.stream, [item]);
    else list.push(item);
  }
  return map;
}

async function presentInPortions(tx: Tx, key: StreamKey, ids: readonly string[]): Promise<PresentRecord[]> {
  const present: PresentRecord[] = [];
  for (let start = 0; start < ids.length; start += limits.erasureScanMax) {
    present.push(...(await presentRecords(tx, key, ids.slice(start, start + limits.erasureScanMax))));
  }
  return present;
}

async function keep(tx: Tx, key: StreamKey, records: readonly IngestRecord[]): Promise<void> {
  if (records.length > 0) await ingestRecords(tx, { ...key, records, seenAt: tx.now, compareFirst: false });
}

/** No upstream time: this is newer than anything that was read. */
const tombstone = ({ id }: PresentRecord): IngestRecord => ({ id, hash: '', docText: '', srcAt: null, deleted: true });

/** Of the same upstream time: what is read later wins, as ever. Who is shown it stays. */
function without({ id, doc, srcAt, aclOwn }: PresentRecord, fields: readonly string[]): IngestRecord {
  const docText = withoutFields(doc, fields);
  return { id, hash: contentHash(docText), docText, srcAt, deleted: false, acl: aclOwn };
}

export function withoutFields(doc: JsonObject, fields: readonly string[]): string {
  return canonicalJson(Object.fromEntries(Object.entries(doc).filter(([name]) => !fields.includes(name))));
}

/** What was shown to whom the record was shown is not any more, where nothing else says so. */
async function settleFollowers(tx: Tx, key: StreamKey, ids: readonly string[]): Promise<void> {
  const connection = await accessConnectionOf(tx, key);
  if (connection === null) return;
  const access = { tenant: key.tenant, connection };
  if ((await lockAccess(tx, access)) !== null) await settleChildren(tx, access, key.stream, ids);
}

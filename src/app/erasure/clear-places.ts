import { emptiedEntry, type AppendAudit, type CheckpointKey } from '../../audit/index.ts';
import { limits, type TenantId } from '../../kernel/index.ts';
import {
  countPlace,
  eraseAuditPlace,
  erasePlace,
  erasurePlaces,
  findTexts,
  forgetDoors,
  isAuditPlace,
  isWaitingPlace,
  keepErasure,
  lockErasure,
  restartCopies,
  setPastVersion,
  tellAccess,
  type AuditPlace,
  type Db,
  type ErasurePlace,
  type ErasureRow,
  type ErasureSubject,
  type FindPlace,
  type Tx,
} from '../../store/index.ts';
import { withoutFields } from './hide-records.ts';
import { textsOf, type Dossier } from './selectors.ts';
import { asInJson, whoseRecord } from './whose-record.ts';

export interface Clearing {
  readonly db: Db;
  readonly tenant: TenantId;
  readonly erasure: number;
  readonly dossier: Dossier;
  readonly audit: AppendAudit;
  readonly key: CheckpointKey;
  readonly beat: () => Promise<void>;
}

export type Counts = { readonly [place: string]: number };

export const subjectOf = (tenant: TenantId, { own, principals, selectors }: Dossier): ErasureSubject => ({
  tenant,
  records: own,
  principals,
  texts: textsOf(selectors),
});

/** What there is of the person, by kind of place; those without anything are left out. */
export async function countPlaces(
  db: Db,
  tenant: TenantId,
  dossier: Dossier,
  wanted: (place: ErasurePlace) => boolean = () => true,
): Promise<Counts> {
  const subject = subjectOf(tenant, dossier);
  const counts: Record<string, number> = {};
  for (const place of erasurePlaces.filter(wanted)) {
    const work = (tx: Tx): Promise<number> => countPlace(tx, place, subject);
    const found = place.scope === 'tenant' ? await db.tenantRead(tenant, work) : await db.read(work);
    if (found > 0) counts[place.name] = found;
  }
  return counts;
}

/** One place after the other, each with its count in one transaction: whoever comes after a crash finds what is left. */
export async function clearPlaces(clearing: Clearing, mentions: boolean): Promise<void> {
  const { db, tenant, erasure, dossier, beat } = clearing;
  const subject = subjectOf(tenant, dossier);
  const wanted = erasurePlaces.filter((place) => place.mention !== true || mentions);
  const places = wanted.flatMap((place) => (isAuditPlace(place) || isWaitingPlace(place) ? [] : [place]));
  if (mentions) await clearPast(clearing);
  for (const place of wanted.filter(isAuditPlace)) await clearAudit(clearing, place, subject);
  for (const place of places.filter(({ scope, name }) => scope === 'tenant' && !isCopied(name))) {
    await db.tenantTx(
      tenant,
      async (tx) => count(tx, clearing, { [place.name]: await erasePlace(tx, place, subject) }),
      'erasure.clear_place',
    );
    await beat();
  }
  for (const place of places.filter(({ scope }) => scope === 'directory')) {
    const left = await db.read((tx) => countPlace(tx, place, subject));
    // A transaction of a tenant cannot change directories: what is about to go is counted before.
    if (left === 0) continue;
    await db.tenantTx(
      tenant,
      async (tx) => {
        const row = await lockErasure(tx, { tenant, id: erasure });
        if (row === null) return;
        const most = Math.max(row.removed[place.name] ?? 0, left);
        await keepErasure(tx, tenant, { ...row, removed: { ...row.removed, [place.name]: most } });
      },
      'erasure.count_place',
    );
    await db.tx((tx) => erasePlace(tx, place, subject), 'erasure.clear_directory');
  }
  await db.tenantTx(
    tenant,
    async (tx) => {
      const gone: Record<string, number> = {};
      if (dossier.own.length > 0) await restartCopies(tx, tenant);
      for (const place of places.filter(({ name }) => isCopied(name))) {
        gone[place.name] = await erasePlace(tx, place, subject);
      }
      await count(tx, clearing, gone);
      await tellAccess(tx, tenant);
      await forgetDoors(tx);
    },
    'erasure.clear_records',
  );
}

/** What copies of the records are made of goes together with the word that they are to be made anew. */
const isCopied = (name: ErasurePlace['name']): boolean => name === 'record' || name === 'changes';

/** Entries of the audit, each portion in one transaction with the entry that says which they are. */
async function clearAudit(clearing: Clearing, place: AuditPlace, subject: ErasureSubject): Promise<void> {
  const { db, tenant, erasure, audit, key, beat } = clearing;
  let after: number | null = 0;
  while (after !== null) {
    const part = { after, limit: limits.erasureEntriesMax };
    after = await db.tenantTx(
      tenant,
      async (tx) => {
        // Of a tenant that leaves meanwhile everything goes.
        if ((await lockErasure(tx, { tenant, id: erasure })) === null) return null;
        const { emptied, next } = await eraseAuditPlace(tx, place, subject, part);
        if (emptied.length === 0) return next;
        await count(tx, clearing, { [place.name]: emptied.length });
        await audit(tx, tenant, [emptiedEntry(key, { tenant, erasure, entries: emptied })]);
        return next;
      },
      'erasure.clear_audit',
    );
    await beat();
  }
}

async function count(tx: Tx, { tenant, erasure }: Clearing, gone: Counts): Promise<void> {
  const row = await lockErasure(tx, { tenant, id: erasure });
  if (row !== null) await keepErasure(tx, tenant, { ...row, removed: added(row.removed, gone) });
}

export function added(before: ErasureRow['removed'], more: Counts): Counts {
  const sum: Record<string, number> = { ...before };
  for (const [name, by] of Object.entries(more)) if (by > 0) sum[name] = (sum[name] ?? 0) + by;
  return sum;
}

/** Earlier versions of others' records that name the person. */
async function clearPast(clearing: Clearing): Promise<void> {
  const { db, tenant, dossier, beat } = clearing;
  const texts = textsOf(dossier.selectors);
  for (const stream of new Set(dossier.mentions.map((mention) => mention.stream))) {
    let from: FindPlace | null = { id: '', ver: 0 };
    while (from !== null) {
      const place: FindPlace = from;
      from = await db.tenantTx(
        tenant,
        async (tx) => {
          const request = { texts: texts.map(asInJson), past: true, from: place, limit: limits.erasureScanMax };
          const part = await findTexts(tx, { tenant, stream }, request);
          let emptied = 0;
          for (const { id, ver, doc } of part.found) {
            const whose = whoseRecord({ id: '', doc }, null, { email: null, texts });
            if (whose.kind !== 'mention' || ver === null) continue;
            await setPastVersion(tx, { tenant, stream, id, ver }, withoutFields(doc, whose.fields));
            emptied += 1;
          }
          await count(tx, clearing, { history_mentions: emptied });
          return part.next;
        },
        'erasure.clear_past',
      );
      await beat();
    }
  }
}

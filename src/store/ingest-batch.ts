import { jsonbText } from './jsonb-text.ts';

/** One version of a record, as the sync saw it. */
export interface IngestRecord {
  /** The provider's id. */
  readonly id: string;
  /** `contentHash` of the canonical document: 32 hex digits. Ignored for tombstones. */
  readonly hash: string;
  /** The canonical document as JSON text. Ignored for tombstones. */
  readonly docText: string;
  /**
   * Upstream modification (or deletion) time. Where both the stored and the new
   * version have one, the later wins; where one has none, the new one wins.
   */
  readonly srcAt: Date | null;
  readonly deleted: boolean;
  /** Access class of what follows from the record itself; null or absent: not known. Ignored for tombstones. */
  readonly acl?: number | null;
}

/** The batch as the one parameter of the statement; documents go in as they are, without being parsed here. */
export function batchText(records: readonly IngestRecord[]): string {
  return `[${records.map(recordText).join(',')}]`;
}

function recordText({ id, hash, docText, srcAt, deleted, acl = null }: IngestRecord): string {
  const at = srcAt === null ? 'null' : `"${srcAt.toISOString()}"`;
  const key = jsonbText(JSON.stringify(id));
  return deleted
    ? `{"i":${key},"h":"","s":${at},"d":null}`
    : `{"i":${key},"h":"${hash}","s":${at},${acl === null ? '' : `"a":${acl},`}"d":${jsonbText(docText)}}`;
}

/** Id, hash and time of each, for comparing with what is stored. */
export function comparisonText(records: readonly IngestRecord[]): string {
  return `[${records.map(stampText).join(',')}]`;
}

function stampText({ id, hash, srcAt, deleted }: IngestRecord): string {
  const at = srcAt === null ? 'null' : `"${srcAt.toISOString()}"`;
  return `[${jsonbText(JSON.stringify(id))},"${deleted ? '' : hash}",${at}]`;
}

/** A provider may name a record twice in one page; the statement may not. The later time wins, then the later place. */
export function withoutRepeats<Version extends Pick<IngestRecord, 'id' | 'srcAt'>>(
  records: readonly Version[],
): Version[] {
  const byId = new Map<string, Version>();
  for (const record of records) {
    const other = byId.get(record.id);
    const older = other !== undefined && other.srcAt !== null && record.srcAt !== null && record.srcAt < other.srcAt;
    if (!older) byId.set(record.id, record);
  }
  return [...byId.values()];
}

import { salesforceId } from '../../world/index.ts';
import type { Grant } from './grants.ts';
import { sharePrefix } from './objects.ts';

/** A row of a Share object. */
export interface ShareRow extends Grant {
  readonly id: string;
  readonly object: string;
  /** Number and id of the record. */
  readonly row: number;
  readonly recordId: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  /** Removed; queryAll still shows it. */
  readonly deleted: boolean;
}

/** The share rows of one object: what was there once stays, marked as removed, under an id that is never used again. */
export interface ShareRows {
  /** In the order of their ids. */
  all(): readonly ShareRow[];
  of(row: number): readonly ShareRow[];
  /** Live rows by grantee: the numbers of the records. */
  recordsOf(grantee: string): ReadonlyMap<number, ShareRow>;
  /** Makes the rows of a record those of `grants`, at this moment. */
  set(record: { readonly row: number; readonly id: string }, grants: readonly Grant[], atMs: number): void;
}

const NOTHING: ReadonlyMap<number, ShareRow> = new Map();

export function createShareRows(object: string, nextIndex: () => number): ShareRows {
  const rows: ShareRow[] = [];
  const placeOf = new Map<string, number>();
  const live = new Map<number, Map<string, ShareRow>>();
  const byGrantee = new Map<string, Map<number, ShareRow>>();
  const keyOf = ({ to, cause }: Grant): string => `${to} ${cause}`;

  const put = (row: ShareRow): void => {
    const place = placeOf.get(row.id) ?? rows.length;
    placeOf.set(row.id, place);
    rows[place] = row;
    const ofRecord = live.get(row.row) ?? new Map<string, ShareRow>();
    live.set(row.row, ofRecord);
    if (row.deleted) ofRecord.delete(keyOf(row));
    else ofRecord.set(keyOf(row), row);
    const ofGrantee = byGrantee.get(row.to) ?? new Map<number, ShareRow>();
    byGrantee.set(row.to, ofGrantee);
    const left = [...ofRecord.values()].filter(({ to }) => to === row.to);
    const strongest = left.find((one) => one.access === 'All') ?? left[0];
    if (strongest === undefined) ofGrantee.delete(row.row);
    else ofGrantee.set(row.row, strongest);
  };

  return {
    all: () => rows,
    of: (row) => [...(live.get(row)?.values() ?? [])],
    recordsOf: (grantee) => byGrantee.get(grantee) ?? NOTHING,
    set: (record, grants, atMs) => {
      const wanted = new Map(grants.map((grant) => [keyOf(grant), grant]));
      const ended = [...(live.get(record.row)?.values() ?? [])].filter((row) => !wanted.has(keyOf(row)));
      for (const row of ended) put({ ...row, deleted: true, modifiedMs: atMs });
      for (const [key, grant] of wanted) {
        const known = live.get(record.row)?.get(key);
        if (known !== undefined && isSame(known, grant)) continue;
        if (known !== undefined) put({ ...known, ...grant, modifiedMs: atMs });
        else {
          const id = salesforceId(sharePrefix(object), nextIndex());
          const place = { id, object, row: record.row, recordId: record.id };
          put({ ...grant, ...place, createdMs: atMs, modifiedMs: atMs, deleted: false });
        }
      }
    },
  };
}

function isSame(a: Grant, b: Grant): boolean {
  return (
    a.access === b.access &&
    a.children.opportunity === b.children.opportunity &&
    a.children.case === b.children.case &&
    a.children.contact === b.children.contact
  );
}

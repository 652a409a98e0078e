import type { Effect, WriteFailures } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { createDuplicateRules, type DuplicateRules } from './duplicate-rules.ts';
import type { Writer } from './fields.ts';
import { saveRecord, type Done, type IntendedWrite, type SaveResult } from './save.ts';
import { saveError, type SaveError } from './save-error.ts';
import { begin, type Transaction } from './transaction.ts';
import { createValueIndexes, type ValueIndexes } from './value-index.ts';

/** Writes of one call or of one piece of a job. A write that cannot even be tried is an error. */
export type Wanted = IntendedWrite | SaveError;

export interface Saver {
  readonly indexes: ValueIndexes;
  readonly duplicates: DuplicateRules;
  /** Saves records in their order; with `allOrNone` one that is refused takes all others back. */
  save(writer: Writer, wanted: readonly Wanted[], allOrNone?: boolean): readonly Saved[];
}

export type Saved =
  | { readonly kind: 'saved'; readonly id: string; readonly created: boolean; readonly effects: readonly Effect[] }
  | { readonly kind: 'refused'; readonly errors: readonly SaveError[] };

/** What the org tells of a change that took place. */
export type Noted = (done: Done, userId: string) => void;

export function createSaver(org: Org, failures: WriteFailures, noted: Noted): Saver {
  const indexes = createValueIndexes(org);
  const duplicates = createDuplicateRules(org, indexes);
  const parts = { org, indexes, failures, duplicates };

  const one = (writer: Writer, wanted: Wanted, around: Transaction | null): SaveResult => {
    if ('statusCode' in wanted) return { kind: 'refused', errors: [wanted] };
    const tx = begin(org, around);
    try {
      const result = saveRecord(parts, writer, wanted, tx);
      if (result.kind === 'refused') tx.rollback();
      else tx.commit();
      if (result.kind === 'saved') share(org, result.done);
      return result;
    } catch (error) {
      tx.rollback();
      throw error;
    }
  };
  const tell = (writer: Writer, results: readonly SaveResult[]): void => {
    for (const result of results)
      if (result.kind === 'saved') for (const done of result.done) noted(done, writer.user.id);
  };
  return {
    indexes,
    duplicates,
    save: (writer, wanted, allOrNone = false) => {
      const around = allOrNone ? begin(org) : null;
      const results = wanted.map((each) => one(writer, each, around));
      if (around !== null && results.some(({ kind }) => kind === 'refused')) {
        around.rollback();
        for (const result of results) if (result.kind === 'saved') share(org, result.done);
        return results.map(rolledBack);
      }
      around?.commit();
      tell(writer, results);
      return results.map((result, at) => {
        const each = wanted[at];
        if (result.kind === 'refused') return result;
        const created = each !== undefined && 'op' in each && each.op === 'create';
        return { kind: 'saved', id: result.id, created, effects: result.effects };
      });
    },
  };
}

/** SOAP API guide, "AllOrNoneHeader": the records that were good say why they are not there. */
function rolledBack(result: SaveResult): Saved {
  if (result.kind === 'refused') return result;
  const message = 'Record rolled back because not all records were valid and the request was using AllOrNone header';
  return { kind: 'refused', errors: [saveError('ALL_OR_NONE_OPERATION_ROLLED_BACK', message)] };
}

/** Who sees a record may be another question after a change. */
function share(org: Org, done: readonly Done[]): void {
  for (const { object, row, id, ownerBefore } of done) {
    org.sharing.touched(object, row);
    const owner = org.sharing.records.owner(object, row);
    if (ownerBefore !== null && owner !== ownerBefore) org.sharing.ownerChanged(object, id);
  }
}

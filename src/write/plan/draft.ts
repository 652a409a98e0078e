import type { VisibleObject } from '../../access/index.ts';
import type { Json, JsonObject } from '../../kernel/index.ts';
import type { NewField } from '../new-fields/new-field.ts';
import type { FieldChange } from '../types.ts';
import type { Asker } from './ports.ts';
import type { Notes } from './problems.ts';
import type { ResolvedRecord } from './resolved-record.ts';
import type { WriteRights } from './write-rights.ts';

/** A record of the request with what would be sent. */
export interface Draft extends ResolvedRecord {
  /** Native, as sent. */
  readonly values: JsonObject;
  /** The whole native record as it is known here; null: a new one, or not here yet. */
  readonly stored: JsonObject | null;
  /** In the words that were asked in; what cannot be told from the record alone, or is hidden from the caller, is absent. */
  readonly before: ReadonlyMap<string, Json>;
  /** Fields of the record that the caller is not shown: nothing that it is told may depend on them. */
  readonly hidden: ReadonlySet<string>;
  readonly changes: readonly FieldChange[];
  /** Fields that are made for its values. */
  readonly makes: readonly NewField[];
}

export interface Drafting {
  readonly asker: Asker;
  readonly visible: VisibleObject;
  readonly rights: WriteRights;
  readonly notes: Notes;
  /** An operation of the manifest is done whole or not at all. */
  readonly isWhole: boolean;
  /** Values may be results of earlier steps of the same plan. */
  readonly inSteps: boolean;
  readonly stored: (record: ResolvedRecord) => JsonObject | null;
}

import type { VisibleObject } from '../../access/index.ts';
import type { WriteOperation } from '../../connectors/index.ts';
import type { Json } from '../../kernel/index.ts';
import type { IntendedRecord } from '../types.ts';
import type { Asker, PlanPorts } from './ports.ts';
import type { Mistake, Notes } from './problems.ts';
import type { OpenTarget } from './targets.ts';
import type { WriteRights } from './write-rights.ts';

/** A record of the request with the record of a system that it means. */
export interface ResolvedRecord {
  readonly item: number;
  readonly record: IntendedRecord;
  readonly target: OpenTarget;
  /** What is to be sent: an upsert of a record that is there is an update. */
  readonly operation: WriteOperation;
  readonly recordId: string | null;
  /** Native; of an upsert alone. */
  readonly match: { readonly field: string; readonly value: Json } | null;
}

export interface Resolving {
  readonly ports: PlanPorts;
  readonly asker: Asker;
  readonly visible: VisibleObject;
  readonly rights: WriteRights;
  /** At least one; the one that decides first. */
  readonly targets: readonly OpenTarget[];
  readonly notes: Notes;
}

export interface ShapedRecord {
  readonly item: number;
  readonly record: IntendedRecord;
}

export const unknownField = (visible: VisibleObject, name: string): Mistake => ({
  code: 'write_field_unknown',
  message: `${visible.name} has no field "${name.slice(0, 100)}" for you.`,
  fix: 'Use a field that describe lists.',
});

/** `first`: the item that names it before. */
export const sameRecord = (first: number): Mistake => ({
  code: 'write_record_twice',
  message: `This is the same record as records[${String(first)}].`,
  fix: 'Put both changes into one.',
});

/** Empty `way`: by id. */
export function nameOf({ id, match }: IntendedRecord): { readonly way: string; readonly text: string } {
  if (id !== undefined) return { way: '', text: id };
  const [way = '', value] = Object.entries(match ?? {})[0] ?? [];
  return { way, text: typeof value === 'string' ? value : JSON.stringify(value ?? null) };
}

import { hash32 } from '../../kit/index.ts';
import { salesforceId } from '../../world/index.ts';
import type { FieldDef, Value } from '../schema/field.ts';
import { derivationsOf } from './derived.ts';
import { userId } from './identity.ts';
import type { Overlay, Overlays } from './overlay.ts';
import { isSparse, sparseKey, sparseValue } from './sparse.ts';
import type { TableParts } from './table.ts';

/** Reads single values of a table's rows. */
export interface Reader {
  readonly id: (row: number) => string;
  readonly stamp: (row: number) => number;
  readonly value: (row: number, def: FieldDef) => Value;
  /** The overlay that says what the world says. */
  readonly untouched: (row: number) => Overlay;
}

/** The platform keeps datetimes by the second. */
export function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

export function createReader(parts: TableParts, overlays: Overlays): Reader {
  const { source, object, seed } = parts;
  const derivations = derivationsOf(object);
  const sparseKeys = new Map<string, number>();

  const id = (row: number): string => {
    const given = row < source.count ? source.value(row, 'Id') : undefined;
    return typeof given === 'string' ? given : salesforceId(parts.prefix, row);
  };
  const stamp = (row: number): number => wholeSecond(overlays.get(row)?.modifiedMs ?? source.modifiedMs(row));
  const someUser = (row: number, salt: number): string => userId(hash32(seed, row, salt) % parts.userCount);

  const sparse = (row: number, def: FieldDef): Value => {
    if (!isSparse(def)) return def.defaultValue;
    const key = sparseKeys.get(def.storage) ?? sparseKey(object, def.storage);
    sparseKeys.set(def.storage, key);
    return sparseValue(def, hash32(seed, key, row), parts.anchorMs);
  };

  const system: Readonly<Record<string, (row: number, overlay: Overlay | undefined) => Value>> = {
    Id: id,
    IsDeleted: (_row, overlay) => overlay?.deleted ?? false,
    CreatedDate: (row, overlay) => wholeSecond(overlay?.createdMs ?? source.createdMs(row)),
    CreatedById: (row, overlay) => overlay?.createdBy ?? someUser(row, 1),
    LastModifiedDate: stamp,
    LastModifiedById: (row, overlay) => overlay?.modifiedBy ?? someUser(row, 2),
    SystemModstamp: stamp,
  };

  const value = (row: number, def: FieldDef): Value => {
    const overlay = overlays.get(row);
    const systemValue = system[def.storage];
    if (systemValue !== undefined) return systemValue(row, overlay);
    const written = overlay?.values.get(def.storage);
    if (written !== undefined) return written;
    const derive = derivations[def.storage];
    if (derive !== undefined) return derive((storage) => readStorage(row, storage));
    if (row >= source.count) return def.defaultValue;
    const told = source.value(row, def.storage);
    return told === undefined ? sparse(row, def) : told;
  };
  const readStorage = (row: number, storage: string): Value => {
    const def = parts.fieldByStorage(storage);
    return def === undefined ? null : value(row, def);
  };

  return {
    id,
    stamp,
    value,
    untouched: (row) => ({
      values: new Map(),
      createdMs: source.createdMs(row),
      createdBy: someUser(row, 1),
      modifiedMs: source.modifiedMs(row),
      modifiedBy: someUser(row, 2),
      deleted: false,
    }),
  };
}

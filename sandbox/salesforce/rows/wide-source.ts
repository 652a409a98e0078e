import { hash32, hashText } from '../../kit/index.ts';
import { parseSalesforceId, salesforceId, type World } from '../../world/index.ts';
import type { FieldDef, Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { userId } from './identity.ts';
import { longTextOf } from './long-text.ts';
import type { BaseSource } from './source.ts';

const RECORDS_MIN = 5_000;
/** One wide record for so many records of the world. */
const ONE_PER = 20;
const DAY_MS = 86_400_000;
/** Columns that nearly every record fills; the others are filled here and there. */
const BUSY_COLUMNS = 60;

/** Records of the wide object, each value computed from its place. */
export function wideSource(world: World, object: ObjectDef, longTexts: boolean): BaseSource {
  const count = Math.max(RECORDS_MIN, Math.floor(world.scale / ONE_PER));
  const anchorMs = world.anchor.getTime();
  const { accounts, users } = world.counts;
  const fields = new Map(object.fields.map((def, at) => [def.storage, { def, at, key: hashText(def.storage) }]));
  const modifiedMs = (row: number): number => anchorMs - Math.floor(((count - row) * 730 * DAY_MS) / count);
  return {
    count,
    modifiedMs,
    createdMs: (row) => modifiedMs(row) - (hash32(world.seed, row) % 90) * DAY_MS,
    value: (row, storage) => {
      const known = fields.get(storage);
      if (storage === 'Name') return `Vorgang ${String(row + 1).padStart(6, '0')}`;
      if (storage === 'Konto__c') return salesforceId('001', row % accounts);
      if (storage === 'OwnerId') return userId(hash32(world.seed, row, 7) % users);
      if (known === undefined || !known.def.custom) return undefined;
      if (known.def.type === 'textarea') return longTexts ? longTextOf(world.seed, storage, row) : null;
      const bits = hash32(world.seed, known.key, row);
      const filled = known.at < BUSY_COLUMNS ? bits % 16 !== 0 : bits % 4 === 0;
      return filled ? wideValue(known.def, Math.floor(bits / 16), anchorMs) : known.def.defaultValue;
    },
    children: (storage, parentId) => {
      if (storage !== 'Konto__c') return null;
      const parent = parseSalesforceId(parentId);
      if (parent === null || parent.prefix !== '001' || parent.index >= accounts) return [];
      const most = Math.ceil(Math.max(0, count - parent.index) / accounts);
      return Array.from({ length: most }, (_empty, at) => parent.index + at * accounts);
    },
  };
}

function wideValue(def: FieldDef, draw: number, anchorMs: number): Value {
  const at = anchorMs - (draw % 1_460) * DAY_MS;
  switch (def.type) {
    case 'picklist':
      return def.picklist[draw % def.picklist.length] ?? null;
    case 'currency':
      return (draw % 100_000_000) / 100;
    case 'double':
      return draw % 100_000;
    case 'date':
      return new Date(at).toISOString().slice(0, 10);
    case 'datetime':
      return Math.floor(at / 1_000) * 1_000;
    case 'boolean':
      return draw % 2 === 0;
    default:
      return `${def.label} Wert ${draw % 10_000}`;
  }
}

import type { SandboxUser } from '../../kit/index.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { assignmentOf, type SharingState } from './state.ts';

/** Sections "Objects" and "Fields", for one user. */
export interface OracleRights {
  canReadObject(object: ObjectDef): boolean;
  viewsAll(object: ObjectDef): boolean;
  canReadField(object: ObjectDef, field: FieldDef): boolean;
}

export function oracleRights(state: SharingState, schema: Schema, user: SandboxUser): OracleRights {
  const { profile, permissionSets } = assignmentOf(state, user);
  const sets = state.sets.filter((set) => (set.isProfile ? set.name === profile : permissionSets.includes(set.name)));
  const all = sets.some((set) => set.viewAllData || set.modifyAllData);
  const right = (object: ObjectDef, least: readonly string[]): boolean =>
    all || sets.some((set) => least.includes(set.objects.get(object.name) ?? set.others));
  const canReadObject = (object: ObjectDef): boolean => {
    if (!isGoverned(object)) return true;
    const above = schema.object(masterOf(object)?.referenceTo[0] ?? '');
    const aboveToo = above === undefined || above === object || canReadObject(above);
    return right(object, ['read', 'viewAll', 'modifyAll']) && aboveToo;
  };
  return {
    canReadObject,
    viewsAll: (object) => (isGoverned(object) ? right(object, ['viewAll', 'modifyAll']) : all),
    canReadField: (object, field) => {
      const secured = isGoverned(object) || object.name === 'Task' || object.name === 'Event';
      const rule = securedBy(object, field);
      if (!secured || rule === null) return true;
      const key = `${object.name}.${rule.storage}`;
      return sets.some((set) => (set.fieldBase === 'all' ? !set.fields.has(key) : set.fields.has(key)));
    },
  };
}

function isGoverned(object: ObjectDef): boolean {
  const standard = ['Account', 'Contact', 'Opportunity', 'Case', 'Lead', 'Campaign'];
  return standard.includes(object.name) || object.sort === 'custom';
}

export function masterOf(object: ObjectDef): FieldDef | undefined {
  return object.sort === 'custom' ? object.fields.find((field) => field.custom && field.cascadeDelete) : undefined;
}

/** Which field's security counts for this one; null where none does. */
function securedBy(object: ObjectDef, field: FieldDef): FieldDef | null {
  const always = /^(Id|OwnerId|IsDeleted|(Created|LastModified)(ById|Date)|SystemModstamp|FirstName|Salutation)$/;
  const whole = field.compound === null ? field : object.fields.find((one) => one.storage === field.compound);
  if (whole === undefined || always.test(whole.storage) || whole.nameField) return null;
  if (whole.cascadeDelete && whole.custom) return null;
  const required = !whole.nillable && whole.type !== 'boolean' && !whole.calculated && !whole.autoNumber;
  return required ? null : whole;
}

import type { WriteOp } from '../../kit/index.ts';
import { hasFieldSecurity } from '../sharing/objects.ts';
import { describeField } from './describe-field.ts';
import type { FieldDef } from './field.ts';
import type { ObjectDef } from './object.ts';
import { recordTypeViews } from './record-type.ts';
import type { Schema } from './schema.ts';

/** What somebody may do to an object's records; absent: everything that can be done. */
export interface DescribedRights {
  may(op: WriteOp): boolean;
  mayEdit(field: FieldDef): boolean;
}

const EVERYTHING: DescribedRights = { may: () => true, mayEdit: () => true };

/** An object as describeGlobal lists it. `base` is `/services/data/vNN.0`. */
export function describeSummary(
  object: ObjectDef,
  base: string,
  { may }: DescribedRights = EVERYTHING,
): Readonly<Record<string, unknown>> {
  const path = `${base}/sobjects/${object.name}`;
  const stored = object.queryable;
  const urls = { rowTemplate: `${path}/{ID}`, describe: `${path}/describe`, sobject: path };
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: (object.writable && may('create')) || object.sort === 'event',
    custom: object.sort !== 'standard',
    customSetting: object.sort === 'setting',
    deepCloneable: false,
    deletable: object.writable && may('delete'),
    deprecatedAndHidden: false,
    feedEnabled: object.name === 'Account' || object.name === 'Opportunity',
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: object.keyPrefix,
    label: object.label,
    labelPlural: object.plural,
    layoutable: object.writable && object.sort !== 'setting',
    mergeable: object.name === 'Account' || object.name === 'Contact' || object.name === 'Lead',
    mruEnabled: object.writable && object.sort !== 'setting',
    name: object.name,
    queryable: stored,
    replicateable: stored && object.sort !== 'metadata',
    retrieveable: stored,
    searchable: object.writable && object.sort !== 'setting',
    triggerable: object.writable || object.sort === 'event',
    undeletable: object.writable && object.fields.some((field) => field.name === 'IsDeleted'),
    updateable: object.writable && may('update'),
    urls,
  };
}

export function describeObject(
  object: ObjectDef,
  schema: Schema,
  base: string,
  isAdmin: boolean,
  rights: DescribedRights = EVERYTHING,
): Readonly<Record<string, unknown>> {
  const path = `${base}/sobjects/${object.name}`;
  return {
    actionOverrides: [],
    ...describeSummary(object, base, rights),
    childRelationships: childRelationships(object, schema),
    compactLayoutable: object.writable,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: object.fields.map((field) => {
      const shown = describeField(field, object.fields, hasFieldSecurity(object));
      return rights.mayEdit(field) ? shown : { ...shown, createable: false, updateable: false };
    }),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: recordTypeViews(object, isAdmin).map((view) => ({
      active: view.active,
      available: view.available,
      defaultRecordTypeMapping: view.isDefault,
      developerName: view.developerName,
      master: view.master,
      name: view.name,
      recordTypeId: view.id,
      urls: { layout: `${path}/describe/layouts/${view.id}` },
    })),
    searchLayoutable: object.writable,
    sobjectDescribeOption: 'FULL',
    supportedScopes: [{ label: `All ${object.plural}`, name: 'everything' }],
    urls: {
      compactLayouts: `${path}/describe/compactLayouts`,
      rowTemplate: `${path}/{ID}`,
      describe: `${path}/describe`,
      layouts: `${path}/describe/layouts`,
      sobject: path,
    },
  };
}

function childRelationships(parent: ObjectDef, schema: Schema): readonly unknown[] {
  return schema.objects().flatMap((child) =>
    child.fields
      .filter((field) => field.referenceTo.includes(parent.name))
      .map((field) => ({
        cascadeDelete: field.cascadeDelete,
        childSObject: child.name,
        deprecatedAndHidden: false,
        field: field.name,
        junctionIdListNames: [],
        junctionReferenceTo: [],
        relationshipName: field.childRelationshipName,
        restrictedDelete: false,
      })),
  );
}

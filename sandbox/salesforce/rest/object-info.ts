import { controllerOf } from '../schema/dependent-picklist.ts';
import { isFilterable, isSortable, type FieldDef, type FieldType } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { MASTER_RECORD_TYPE, recordTypeViews } from '../schema/record-type.ts';
import type { Schema } from '../schema/schema.ts';

const DATA_TYPES: Partial<Record<FieldType, string>> = {
  id: 'Reference',
  textarea: 'TextArea',
  multipicklist: 'MultiPicklist',
  combobox: 'ComboBox',
  datetime: 'DateTime',
  encryptedstring: 'EncryptedString',
  complexvalue: 'ComplexValue',
};

/** An object in the User Interface API's words (UI API guide, "Object Info"). */
export function objectInfoBody(object: ObjectDef, schema: Schema, isAdmin: boolean): Readonly<Record<string, unknown>> {
  const types = recordTypeViews(object, isAdmin);
  return {
    apiName: object.name,
    associateEntityType: null,
    associateParentEntity: null,
    childRelationships: childRelationships(object, schema),
    compactLayoutable: object.writable,
    createable: object.writable,
    custom: object.sort !== 'standard',
    defaultRecordTypeId: types.find((type) => type.isDefault)?.id ?? MASTER_RECORD_TYPE,
    deletable: object.writable,
    dependentFields: dependentFields(object),
    feedEnabled: false,
    fields: Object.fromEntries(object.fields.map((field) => [field.name, fieldInfo(field, object, schema)])),
    keyPrefix: object.keyPrefix,
    label: object.label,
    labelPlural: object.plural,
    layoutable: object.writable,
    mruEnabled: object.writable,
    nameFields: nameFields(object),
    queryable: object.queryable,
    recordTypeInfos: Object.fromEntries(
      types.map(({ id, available, isDefault, master, name }) => [
        id,
        { available, defaultRecordTypeMapping: isDefault, master, name, recordTypeId: id },
      ]),
    ),
    searchLayoutable: object.writable,
    searchable: object.writable,
    themeInfo: null,
    updateable: object.writable,
  };
}

function childRelationships(parent: ObjectDef, schema: Schema): readonly unknown[] {
  return schema.objects().flatMap((child) =>
    child.fields
      .filter((field) => field.referenceTo.includes(parent.name) && field.childRelationshipName !== null)
      .map((field) => ({
        childObjectApiName: child.name,
        fieldName: field.name,
        junctionIdListNames: [],
        junctionReferenceTo: [],
        relationshipName: field.childRelationshipName,
      })),
  );
}

/** Controlling picklist -> the picklists that depend on it, each again with its own. */
function dependentFields(object: ObjectDef): Readonly<Record<string, unknown>> {
  const below = (controller: FieldDef): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      object.fields
        .filter((field) => controllerOf(field, object.fields) === controller)
        .map((field) => [field.name, below(field)]),
    );
  const tops = object.fields.filter(
    (field) => field.dependency === null && object.fields.some((one) => controllerOf(one, object.fields) === field),
  );
  return Object.fromEntries(tops.map((field) => [field.name, below(field)]));
}

function fieldInfo(field: FieldDef, object: ObjectDef, schema: Schema): Readonly<Record<string, unknown>> {
  const controller = controllerOf(field, object.fields);
  return {
    apiName: field.name,
    calculated: field.calculated,
    compound: field.type === 'address' || field.type === 'location',
    compoundComponentName: null,
    compoundFieldName: field.compound,
    controllerName: controller?.name ?? null,
    controllingFields: controller === null ? [] : [controller.name],
    createable: field.createable,
    custom: field.custom,
    dataType: DATA_TYPES[field.type] ?? field.type.charAt(0).toUpperCase() + field.type.slice(1),
    extraTypeInfo: field.extraTypeInfo,
    externalId: field.externalId,
    filterable: isFilterable(field),
    filteredLookupInfo: null,
    highScaleNumber: false,
    htmlFormatted: field.htmlFormatted,
    inlineHelpText: field.help,
    label: field.label,
    length: field.length,
    maskType: null,
    nameField: field.nameField,
    polymorphicForeignKey: field.referenceTo.length > 1,
    precision: field.precision,
    reference: field.type === 'reference',
    referenceTargetField: null,
    referenceToInfos: field.referenceTo.map((name) => {
      const target = schema.object(name);
      return { apiName: name, nameFields: target === undefined ? [] : nameFields(target) };
    }),
    relationshipName: field.relationshipName,
    required: !field.nillable && !field.defaultedOnCreate,
    scale: field.scale,
    searchPrefilterable: field.type === 'reference',
    sortable: isSortable(field),
    unique: field.unique,
    updateable: field.updateable,
  };
}

/** People's names come in parts, which count as name fields too. */
function nameFields(object: ObjectDef): readonly string[] {
  const names = object.fields.filter((field) => field.nameField).map((field) => field.name);
  const parts = object.fields.map((field) => field.name).filter((name) => name === 'FirstName' || name === 'LastName');
  return [...names, ...parts];
}

import { salesforceId } from '../../world/index.ts';
import { listSource } from '../rows/list-source.ts';
import type { BaseSource } from '../rows/source.ts';
import type { Value } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { apexTriggers, flows, triggerUsages, type FlowDef } from './automations.ts';
import { formulaOf } from './condition.ts';
import { validationRules } from './validation-rules.ts';

type Row = Readonly<Record<string, Value>>;

/** Id of records about objects, which have none of their own. */
const NO_ID = '000000000000000AAA';

/** What stands for an object in look-ups: its name, or for a custom one an id of 15 characters. */
export function durableId(object: ObjectDef, at: number): string {
  return object.sort === 'standard' ? object.name : salesforceId('01I', at).slice(0, 15);
}

/** One record per object that the org has at the moment. */
export function entitySource(objects: () => readonly ObjectDef[], model: (object: string) => string): BaseSource {
  const row = (object: ObjectDef, at: number): Row => ({
    Id: NO_ID,
    DurableId: durableId(object, at),
    QualifiedApiName: object.name,
    DeveloperName: object.name.replace(/__\w+$/, ''),
    NamespacePrefix: null,
    MasterLabel: object.label,
    Label: object.label,
    PluralLabel: object.plural,
    KeyPrefix: object.keyPrefix,
    IsCustomizable: object.writable,
    IsCustomSetting: object.sort === 'setting',
    IsQueryable: object.queryable,
    InternalSharingModel: model(object.name),
  });
  return {
    get count() {
      return objects().length;
    },
    createdMs: () => 0,
    modifiedMs: () => 0,
    value: (at, storage) => {
      const object = objects()[at];
      return object === undefined ? null : row(object, at)[storage];
    },
    children: () => null,
  };
}

/** Sources of the objects of setup by name. `entityOf` gives the durable id of an object. */
export function setupSources(bornMs: number, entityOf: (object: string) => string): ReadonlyMap<string, BaseSource> {
  return new Map([
    ['ValidationRule', listSource(ruleRows(entityOf), bornMs)],
    ['FlowDefinition', listSource(flows.map(definitionRow), bornMs)],
    ['Flow', listSource(versions.map(versionRow), bornMs)],
    ['FlowDefinitionView', listSource(flows.map(viewRow(entityOf)), bornMs)],
    ['ApexTrigger', listSource(triggerRows(entityOf), bornMs)],
  ]);
}

function ruleRows(entityOf: (object: string) => string): readonly Row[] {
  return validationRules.map((rule): Row => {
    const shared = { active: rule.active, description: rule.description, errorMessage: rule.message };
    return {
      ValidationName: rule.name,
      Active: rule.active,
      Description: rule.description,
      EntityDefinitionId: entityOf(rule.object),
      ErrorDisplayField: rule.displayField,
      ErrorMessage: rule.message,
      FullName: `${rule.object}.${rule.name}`,
      Metadata: {
        ...shared,
        errorConditionFormula: formulaOf(rule.condition),
        errorDisplayField: rule.displayField,
        shouldEvaluateOnClient: null,
        urls: null,
      },
      NamespacePrefix: null,
      ManageableState: 'unmanaged',
    };
  });
}

/** Every version of every flow, oldest first within a flow. */
const versions: readonly { readonly flow: FlowDef; readonly number: number }[] = flows.flatMap((flow) =>
  Array.from({ length: flow.latestVersion }, (_empty, at) => ({ flow, number: at + 1 })),
);

function versionId(flow: FlowDef, number: number | null): string | null {
  const at = versions.findIndex((version) => version.flow === flow && version.number === number);
  return at < 0 ? null : salesforceId('301', at);
}

function definitionId(flow: FlowDef): string {
  return salesforceId('300', flows.indexOf(flow));
}

function definitionRow(flow: FlowDef): Row {
  return {
    DeveloperName: flow.name,
    MasterLabel: flow.label,
    Description: flow.description,
    ActiveVersionId: versionId(flow, flow.activeVersion),
    LatestVersionId: versionId(flow, flow.latestVersion),
    FullName: flow.name,
    NamespacePrefix: null,
  };
}

function versionRow({ flow, number }: { readonly flow: FlowDef; readonly number: number }): Row {
  const older = flow.activeVersion === null || number < flow.activeVersion;
  const status = number === flow.activeVersion ? 'Active' : older ? 'Obsolete' : 'Draft';
  return {
    DefinitionId: definitionId(flow),
    MasterLabel: flow.label,
    Description: flow.description,
    ProcessType: flow.processType,
    Status: status,
    VersionNumber: number,
    FullName: `${flow.name}-${number}`,
    Metadata: {
      label: flow.label,
      description: flow.description,
      processType: flow.processType,
      status,
      start: { object: flow.object, triggerType: flow.trigger, recordTriggerType: flow.recordTrigger },
      urls: null,
    },
  };
}

function viewRow(entityOf: (object: string) => string) {
  return (flow: FlowDef): Row => ({
    Id: NO_ID,
    DurableId: definitionId(flow),
    ApiName: flow.name,
    Label: flow.label,
    Description: flow.description,
    ProcessType: flow.processType,
    TriggerType: flow.trigger,
    RecordTriggerType: flow.recordTrigger,
    TriggerObjectOrEventId: flow.object === null ? null : entityOf(flow.object),
    TriggerObjectOrEventLabel: flow.object === null ? null : flow.object.replace('__c', ''),
    IsActive: flow.activeVersion !== null,
    IsOutOfDate: flow.activeVersion !== null && flow.activeVersion !== flow.latestVersion,
    IsTemplate: false,
    ActiveVersionId: versionId(flow, flow.activeVersion),
    LatestVersionId: versionId(flow, flow.latestVersion),
    VersionNumber: flow.activeVersion ?? flow.latestVersion,
    NamespacePrefix: null,
    Builder: 'Flow Builder',
    ManageableState: 'unmanaged',
    LastModifiedBy: 'Sales Operations',
  });
}

function triggerRows(entityOf: (object: string) => string): readonly Row[] {
  return apexTriggers.map((trigger): Row => ({
    Name: trigger.name,
    EntityDefinitionId: entityOf(trigger.object),
    TableEnumOrId: entityOf(trigger.object),
    Status: trigger.active ? 'Active' : 'Inactive',
    ...Object.fromEntries(triggerUsages.map((usage) => [`Usage${usage}`, trigger.usages.includes(usage)])),
    ApiVersion: 58,
    IsValid: true,
    NamespacePrefix: null,
  }));
}

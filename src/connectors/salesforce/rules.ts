import { GantryError, limits, type Json, type JsonObject } from '../../kernel/index.ts';
import type { NativeRule } from '../../schema/index.ts';
import { listAt, textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { encodedSoql } from './soql.ts';

export type RulesByObject = ReadonlyMap<string, readonly NativeRule[]>;

/**
 * What the customer's administrators configured on top of the fields, of all
 * objects in three queries: validation rules and triggers (Tooling API
 * reference), record-triggered flows (Object Reference, FlowDefinitionView).
 * Formulas are not among it: `Metadata` may be asked for one rule at a time
 * only. What the connected user may not see ("View Setup and Configuration")
 * is left out: it is no failure.
 */
export async function readRules(context: SessionContext): Promise<RulesByObject> {
  const rules = new Map<string, NativeRule[]>();
  for (const { api, soql, ruleOf } of SOURCES) {
    for (const row of await rowsIfTold(context, api, soql)) {
      const [object, rule] = ruleOf(row);
      if (object === null) continue;
      const known = rules.get(object);
      if (known === undefined) rules.set(object, [rule]);
      else known.push(rule);
    }
  }
  return rules;
}

interface RuleSource {
  readonly api: 'query' | 'tooling/query';
  readonly soql: string;
  readonly ruleOf: (row: JsonObject) => [object: string | null, rule: NativeRule];
}

const SOURCES: readonly RuleSource[] = [
  {
    api: 'tooling/query',
    soql: 'SELECT ValidationName, Active, ErrorMessage, ErrorDisplayField, EntityDefinition.QualifiedApiName FROM ValidationRule',
    ruleOf: (row) => [
      textAt(row, 'EntityDefinition.QualifiedApiName'),
      {
        kind: 'validation',
        name: textAt(row, 'ValidationName') ?? '',
        active: row['Active'] === true,
        message: textAt(row, 'ErrorMessage'),
        condition: null,
        fields: fieldsOf(textAt(row, 'ErrorDisplayField')),
      },
    ],
  },
  {
    api: 'query',
    soql:
      'SELECT ApiName, Label, Description, TriggerType, RecordTriggerType, ActiveVersionId, ' +
      'TriggerObjectOrEvent.QualifiedApiName FROM FlowDefinitionView ' +
      "WHERE TriggerType IN ('RecordBeforeSave', 'RecordAfterSave', 'RecordBeforeDelete')",
    ruleOf: (row) => [
      textAt(row, 'TriggerObjectOrEvent.QualifiedApiName'),
      {
        kind: 'automation',
        name: textAt(row, 'ApiName') ?? '',
        // IsActive asks whether the latest version is the active one; an older version may run.
        active: textAt(row, 'ActiveVersionId') !== null,
        message: textAt(row, 'Description') ?? textAt(row, 'Label'),
        condition: joined([textAt(row, 'TriggerType'), textAt(row, 'RecordTriggerType')]),
        fields: [],
      },
    ],
  },
  {
    api: 'tooling/query',
    soql:
      'SELECT Name, Status, EntityDefinition.QualifiedApiName, UsageBeforeInsert, UsageAfterInsert, UsageBeforeUpdate, ' +
      'UsageAfterUpdate, UsageBeforeDelete, UsageAfterDelete, UsageAfterUndelete FROM ApexTrigger',
    ruleOf: (row) => [
      textAt(row, 'EntityDefinition.QualifiedApiName'),
      {
        kind: 'automation',
        name: textAt(row, 'Name') ?? '',
        active: textAt(row, 'Status') === 'Active',
        message: null,
        condition: joined(Object.keys(row).map((key) => (row[key] === true ? usageOf(key) : null))),
        fields: [],
      },
    ],
  },
];

const NOT_TOLD = new Set([
  'upstream_forbidden',
  'upstream_object_missing',
  'upstream_refused',
  // A field of the rule itself that this user or edition does not have.
  'upstream_schema_changed',
]);

async function rowsIfTold(context: SessionContext, api: RuleSource['api'], soql: string): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  let path = `/services/data/${context.declaration.api_version}/${api}`;
  let rawQuery: string | undefined = `q=${encodedSoql(soql)}`;
  try {
    for (let pages = 0; pages < limits.fieldListPagesMax; pages += 1) {
      const { body }: { body: Json } = await context.http({ path, ...(rawQuery === undefined ? {} : { rawQuery }) });
      rows.push(...listAt(body, 'records', `GET ${path}`));
      const next = textAt(body, 'nextRecordsUrl');
      // An address of the org's own, or none.
      if (next === null || !next.startsWith('/services/data/')) break;
      path = next;
      rawQuery = undefined;
    }
    return rows;
  } catch (error) {
    if (error instanceof GantryError && NOT_TOLD.has(error.code)) return [];
    throw error;
  }
}

/** `Opportunity.Amount` as `Amount`; nothing for "top of page". */
function fieldsOf(display: string | null): string[] {
  const name = display?.split('.').at(-1) ?? '';
  return name === '' || name.includes(' ') ? [] : [name];
}

/** `UsageBeforeInsert` as `before insert`. */
const usageOf = (key: string): string =>
  key
    .replace(/^Usage/, '')
    .replaceAll(/(?!^)([A-Z])/g, ' $1')
    .toLowerCase();

function joined(parts: readonly (string | null)[]): string | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.join(', ');
}

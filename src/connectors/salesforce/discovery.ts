import type { JsonObject } from '../../kernel/index.ts';
import { GantryError, limits } from '../../kernel/index.ts';
import type { NativeObject, NativeObjectSummary, RecordType } from '../../schema/index.ts';
import { listAt, textAt } from '../kit/answer-values.ts';
import type { Declaration } from '../kit/declaration.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { nativeField } from './native-field.ts';
import { readRecordTypes } from './record-types.ts';
import { remembered } from './remembered.ts';
import { readRules, type RulesByObject } from './rules.ts';

/**
 * All objects that the connected user sees. describeGlobal does not say
 * whether an object has a modification stamp, so kinds that never can be read
 * in change order are left out by declared rules; describe then decides how.
 */
export async function listObjects({ declaration, http }: SessionContext): Promise<NativeObjectSummary[]> {
  const path = `/services/data/${declaration.api_version}/sobjects`;
  const { body } = await http({ path });
  return listAt(body, 'sobjects', `GET ${path}`).map((entry) => {
    const name = textAt(entry, 'name') ?? '';
    return {
      name,
      label: textAt(entry, 'label') ?? name,
      custom: entry['custom'] === true,
      replicable: isReplicable(declaration, name, entry),
    };
  });
}

function isReplicable(declaration: Declaration, name: string, entry: JsonObject): boolean {
  if (entry['queryable'] !== true || entry['retrieveable'] !== true) return false;
  if (entry['deprecatedAndHidden'] === true || entry['customSetting'] === true) return false;
  // Share, history and feed companions name their kind here (API 50 and later).
  if (typeof entry['associateEntityType'] === 'string' && entry['associateEntityType'] !== '') return false;
  const { skip = [], skip_suffixes: suffixes = [] } = declaration.discovery;
  return !skip.includes(name) && !suffixes.some((suffix) => name.endsWith(suffix));
}

/** What describes of one session share: rules come for all objects at once, both change seldom. */
export interface SchemaMemory {
  readonly rules: (key: string, ask: () => Promise<RulesByObject>) => Promise<RulesByObject>;
  readonly recordTypes: (
    key: string,
    ask: () => Promise<readonly RecordType[] | undefined>,
  ) => Promise<readonly RecordType[] | undefined>;
}

export const schemaMemory = ({ clock }: SessionContext): SchemaMemory => ({
  rules: remembered(clock, limits.schemaMemoryMs),
  recordTypes: remembered(clock, limits.schemaMemoryMs),
});

/** One object with its fields as this user sees them: hidden fields are not in the answer at all. */
export async function describeObject(
  context: SessionContext,
  memory: SchemaMemory,
  name: string,
): Promise<NativeObject> {
  // The name goes into a path and, later, into SOQL: only what Salesforce itself allows as an API name passes.
  if (!/^[A-Za-z]\w*$/.test(name)) {
    throw new GantryError('upstream_object_missing', {
      message: `"${name.slice(0, 80)}" is not a Salesforce API name.`,
    });
  }
  const { declaration, http, access } = context;
  const path = `/services/data/${declaration.api_version}/sobjects/${name}/describe`;
  const { body } = await http({ path });
  const fields = listAt(body, 'fields', `GET ${path}`).flatMap((entry) => nativeField(declaration, entry) ?? []);
  // Salesforce takes any spelling and answers in the right one; another name is another object.
  const exactName = textAt(body, 'name') ?? name;
  if (exactName.toLowerCase() !== name.toLowerCase()) {
    throw new GantryError('upstream_malformed', {
      message: `Salesforce was asked to describe "${name}" and described another object.`,
      where: `GET ${path}`,
      data: { class: 'malformed_response', object: name },
    });
  }
  const recordTypes = await memory.recordTypes(exactName, () =>
    readRecordTypes(context, { name: exactName, describe: body, fields }),
  );
  const rules = (await memory.rules('', () => readRules(context))).get(exactName);
  return {
    name: exactName,
    label: textAt(body, 'label') ?? exactName,
    custom: exactName.endsWith('__c'),
    idField: 'Id',
    linkTemplate: `${access.apiUrl}/lightning/r/${exactName}/{id}/view`,
    fields,
    ...(recordTypes === undefined ? {} : { recordTypes }),
    ...(rules === undefined ? {} : { rules }),
  };
}

import { isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts';
import type { FieldType, NativeField, NativeObject } from '../../../schema/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { markText, takesWish } from '../../kit/new-fields.ts';
import { writeCall } from '../../kit/write-call.ts';
import { applied, refusal, refusedBy, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { FieldAnswer, FieldWish, NewFieldRequest, NewFieldType, SessionFields } from '../../new-fields.ts';
import type { Settled, WriteOutcome } from '../../writes.ts';
import { queried } from '../access/org-rows.ts';
import { quoted } from '../soql.ts';
import { refusalIn } from './refusals.ts';

/** A call that nobody waits for any more ends within its own time limit of two minutes. */
const SETTLE_MS = 120_000;
/** A look for the field, the field, whose profile, and the right to it. */
const CALLS = 5;
/** API names have at most so many characters before `__c`. */
const NAME_MAX = 40;

/**
 * Custom fields by the Tooling API ("CustomField": `FullName` and `Metadata`),
 * https://developer.salesforce.com/docs/atlas.en-us.api_tooling.meta/api_tooling/tooling_api_objects_customfield.htm
 * One that is made so is hidden from everybody, administrators included, until
 * field-level security shows it (Metadata API Developer Guide, "CustomField"):
 * the connected user's profile gets the right to it, nobody else's
 * (Object Reference, "FieldPermissions").
 */
export const salesforceFields = (
  context: SessionContext,
  describe: (name: string) => Promise<NativeObject>,
): SessionFields => ({
  settleMs: SETTLE_MS,
  fieldFor,
  createField: (request, beforeSend) => createField(context, { ...request, describe, beforeSend }),
  findField: (request) => findField(context, { ...request, describe }),
});

interface Kind {
  /** As Setup calls it. */
  readonly text: string;
  readonly type: FieldType;
  readonly lengthMax: number | null;
  /** Of the metadata type CustomField. */
  readonly metadata: JsonObject;
}

/** Metadata API Developer Guide, "CustomField" and "Field Types". */
const KINDS: Readonly<Record<NewFieldType, Kind>> = {
  string: { text: 'Text(255)', type: 'string', lengthMax: 255, metadata: { type: 'Text', length: 255 } },
  text: {
    text: 'Long Text Area(32768)',
    type: 'text',
    lengthMax: 32_768,
    metadata: { type: 'LongTextArea', length: 32_768, visibleLines: 3 },
  },
  boolean: {
    text: 'Checkbox',
    type: 'boolean',
    lengthMax: null,
    metadata: { type: 'Checkbox', defaultValue: 'false' },
  },
  integer: {
    text: 'Number(18, 0)',
    type: 'integer',
    lengthMax: null,
    metadata: { type: 'Number', precision: 18, scale: 0 },
  },
  number: {
    text: 'Number(18, 6)',
    type: 'number',
    lengthMax: null,
    metadata: { type: 'Number', precision: 18, scale: 6 },
  },
  date: { text: 'Date', type: 'date', lengthMax: null, metadata: { type: 'Date' } },
  datetime: { text: 'Date/Time', type: 'datetime', lengthMax: null, metadata: { type: 'DateTime' } },
  enum: { text: 'Picklist', type: 'enum', lengthMax: null, metadata: { type: 'Picklist' } },
};

/** Activities share their custom fields, which are made on an object of its own that holds no records. */
const SHARED: ReadonlySet<string> = new Set(['Task', 'Event']);

function fieldFor(object: NativeObject, wish: FieldWish): FieldAnswer {
  const name = apiName(wish.name);
  if (name === null) return noWay(`"${wish.name}" cannot be the API name of a Salesforce field.`);
  if (SHARED.has(object.name)) return noWay(`${object.label} shares its custom fields with other activities.`);
  const there = fieldNamed(object, name);
  if (there !== undefined) {
    return takesWish(there, wish)
      ? { kind: 'there', field: there }
      : noWay(`${object.label} has a field ${name} of another kind.`);
  }
  const { text, type, lengthMax } = KINDS[wish.type];
  return { kind: 'new', text, type, lengthMax, dedupe: 'chosen_id', calls: CALLS };
}

const noWay = (why: string): FieldAnswer => ({ kind: 'no_way', why });

const fieldNamed = ({ fields }: NativeObject, name: string): NativeField | undefined =>
  fields.find((field) => field.name.toLowerCase() === name.toLowerCase());

/** `renewal_risk` as `Renewal_Risk__c`: letters, digits and single underscores, a letter first ("API name"). */
function apiName(name: string): string | null {
  const words = name.split('_').map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  const made = words.join('_');
  return /^[A-Za-z](?:[A-Za-z0-9]|_(?=[A-Za-z0-9]))*$/.test(made) && made.length <= NAME_MAX ? `${made}__c` : null;
}

type Asked = NewFieldRequest & { readonly describe: (name: string) => Promise<NativeObject> };
type Making = Asked & { readonly beforeSend: () => Promise<void> };

async function createField(context: SessionContext, making: Making): Promise<WriteOutcome> {
  const { object, wish, key } = making;
  const name = apiName(wish.name) ?? '';
  const known = await look(context, making, name);
  if (known.kind === 'another') return refusedBy(refusal('duplicate', null, [name]));
  if (known.kind === 'usable') return applied(known.name, { created: false, existed: true });
  if (known.kind === 'absent') {
    const made = await post(context, making, 'tooling/sobjects/CustomField', {
      FullName: `${object.name}.${name}`,
      Metadata: metadataOf(wish, key),
    });
    if (made !== null) return made;
  }
  // A field of ours that is not shown yet, too: an earlier sending came only so far.
  return (await show(context, making, name)) ?? applied(name, { created: true, existed: known.kind === 'unshown' });
}

const metadataOf = ({ label, type, values }: FieldWish, key: string): JsonObject => ({
  label: label.slice(0, NAME_MAX),
  required: false,
  ...KINDS[type].metadata,
  // For administrators, in Setup alone.
  description: markText(key),
  ...(type === 'enum'
    ? {
        valueSet: {
          restricted: true,
          valueSetDefinition: {
            sorted: false,
            value: values.map((value) => ({ valueName: value, label: value, default: false })),
          },
        },
      }
    : {}),
});

type Known =
  | { readonly kind: 'absent' }
  /** Made by this very write, and nobody is shown it yet. */
  | { readonly kind: 'unshown' }
  /** Shown to us, and takes such values. */
  | { readonly kind: 'usable'; readonly name: string }
  /** Of somebody else's, hidden from us or of another kind. */
  | { readonly kind: 'another' };

/** What there is under the name now, in the definitions and as it is shown to the connected user. */
async function look(context: SessionContext, { object, wish, key, describe }: Asked, name: string): Promise<Known> {
  const shown = fieldNamed(await describe(object.name), name);
  if (shown !== undefined) {
    return takesWish(shown, wish) && shown.writable ? { kind: 'usable', name: shown.name } : { kind: 'another' };
  }
  const soql =
    'SELECT Id, Metadata FROM CustomField ' +
    `WHERE EntityDefinition.QualifiedApiName = ${quoted(object.name)} AND DeveloperName = ${quoted(name.replace(/__c$/, ''))} ` +
    'AND NamespacePrefix = null';
  const [row] = await queried(context, soql, 'CustomField', 'tooling/query');
  if (row === undefined) return { kind: 'absent' };
  return textAt(row, 'Metadata.description') === markText(key) ? { kind: 'unshown' } : { kind: 'another' };
}

/** The right to the field, for the connected user's own profile; null: it is there. */
async function show(context: SessionContext, making: Making, name: string): Promise<WriteOutcome | null> {
  const { body } = await context.http({ path: '/services/oauth2/userinfo' });
  const soql =
    'SELECT PermissionSetId FROM PermissionSetAssignment ' +
    `WHERE AssigneeId = ${quoted(textAt(body, 'user_id') ?? '')} AND PermissionSet.IsOwnedByProfile = true`;
  const [row] = await queried(context, soql, 'PermissionSetAssignment');
  const set = row === undefined ? null : textAt(row, 'PermissionSetId');
  if (set === null) return refusedBy(refusal('not_permitted'));
  return post(context, making, 'sobjects/FieldPermissions', {
    ParentId: set,
    SobjectType: making.object.name,
    Field: `${making.object.name}.${name}`,
    PermissionsRead: true,
    PermissionsEdit: true,
  });
}

/** Null: done. */
async function post(
  context: SessionContext,
  { beforeSend }: Making,
  path: string,
  body: Json,
): Promise<WriteOutcome | null> {
  const answer = await writeCall(
    context,
    {
      method: 'POST',
      path: `/services/data/${context.declaration.api_version}/${path}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    },
    beforeSend,
  );
  if (answer.kind === 'unknown') return UNKNOWN;
  if (answer.status === 201 && isJsonObject(answer.body) && answer.body['success'] === true) return null;
  // Without the permission ("Customize Application") these objects are not there at all.
  if (answer.status === 403 || answer.status === 404) return refusedBy(refusal('not_permitted'));
  return answer.status >= 400 ? refusedBy(refusalIn(answer.body)) : UNKNOWN;
}

async function findField(context: SessionContext, asked: Asked): Promise<Settled> {
  const known = await look(context, asked, apiName(asked.wish.name) ?? '');
  if (known.kind === 'usable') return { kind: 'applied', recordId: known.name, created: true };
  // What is there in part is completed, and what is somebody else's refused, when it is sent again.
  return { kind: 'not_applied' };
}

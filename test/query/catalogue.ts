import { contentHash, type StreamId } from '../../src/kernel/index.ts';
import type {
  Catalogue,
  CatalogueField,
  CatalogueMany,
  CatalogueObject,
  CatalogueSource,
  DocumentReader,
  DuckType,
  LensTable,
  LensView,
  ViewPart,
} from '../../src/mapping/index.ts';
import type { FieldType } from '../../src/schema/index.ts';

/** A catalogue written by hand: what the compiler of mappings would give, kept to what the tests need. */
export type TestCatalogue = Catalogue;

type FieldSpec = readonly [name: string, type: FieldType, more?: Partial<CatalogueField>];

const duckTypes: Readonly<Record<FieldType, DuckType>> = {
  id: 'VARCHAR',
  string: 'VARCHAR',
  text: 'VARCHAR',
  enum: 'VARCHAR',
  reference: 'VARCHAR',
  boolean: 'BOOLEAN',
  integer: 'BIGINT',
  number: 'DOUBLE',
  decimal: 'DECIMAL(18,2)',
  date: 'DATE',
  datetime: 'TIMESTAMP',
  time: 'TIME',
  multi_enum: 'VARCHAR[]',
  json: 'JSON',
};

export const stages = ['open', 'negotiation', 'won', 'lost'];
export const segments = ['enterprise', 'mid', 'small'];
export const priorities = ['low', 'normal', 'urgent'];
export const tags = ['renewal', 'upsell', 'risk'];

export const modelFields: Readonly<Record<string, readonly FieldSpec[]>> = {
  user: [
    ['user_id', 'id'],
    ['name', 'string'],
    ['email', 'string'],
  ],
  account: [
    ['crm_id', 'id'],
    ['name', 'string', { untrusted: true }],
    ['segment', 'enum', { values: segments }],
    ['employees', 'integer'],
    ['revenue', 'decimal', { currency: 'EUR' }],
    ['active', 'boolean'],
    ['since', 'date'],
    ['notes', 'text', { untrusted: true }],
    ['iban', 'string', { sensitive: true }],
    ['domain', 'string'],
    ['owner', 'reference', { reference: { to: 'user', on: 'user_id', unique: true } }],
  ],
  deal: [
    ['deal_id', 'id'],
    ['name', 'string', { untrusted: true }],
    ['stage', 'enum', { values: stages }],
    ['amount', 'decimal', { currency: 'EUR', title: 'Contract value' }],
    ['fees', 'decimal', { currency: 'USD' }],
    ['probability', 'number'],
    ['close_date', 'date', { why: 'The day on which the customer is expected to sign.' }],
    ['created', 'datetime'],
    ['call_at', 'time'],
    ['tags', 'multi_enum', { values: tags }],
    ['old_stage', 'string', { deprecated: { replacedBy: 'stage' } }],
    ['account', 'reference', { reference: { to: 'account', on: 'crm_id', unique: true } }],
    ['site', 'reference', { reference: { to: 'account', on: 'domain', unique: false } }],
  ],
  quote: [
    ['quote_id', 'id'],
    ['amount', 'decimal', { currencyField: 'currency' }],
    ['tax', 'decimal', { currencyField: 'currency' }],
    ['currency', 'string'],
    ['day', 'date'],
    ['account', 'reference', { reference: { to: 'account', on: 'crm_id', unique: true } }],
  ],
  ticket: [
    ['ticket_id', 'id'],
    ['subject', 'string', { untrusted: true }],
    ['priority', 'enum', { values: priorities }],
    ['hours', 'number'],
    ['opened', 'datetime'],
    ['account', 'reference', { reference: { to: 'account', on: 'crm_id', unique: true } }],
  ],
};

const manyOf: Readonly<Record<string, readonly CatalogueMany[]>> = {
  account: [
    { name: 'deals', object: 'deal', via: 'account', on: 'crm_id' },
    { name: 'tickets', object: 'ticket', via: 'account', on: 'crm_id' },
    { name: 'quotes', object: 'quote', via: 'account', on: 'crm_id' },
  ],
  user: [{ name: 'accounts', object: 'account', via: 'owner', on: 'user_id' }],
};

/** Native tables behind each model, in the order of the union. Two systems feed deals. */
export const feeds: Readonly<Record<string, readonly string[]>> = {
  user: ['crm.User'],
  account: ['crm.Account'],
  deal: ['crm.Opportunity', 'erp.Order'],
  ticket: ['support.tickets'],
  quote: ['erp.Quote'],
};

export function testCatalogue(streams: ReadonlyMap<string, StreamId>): Catalogue {
  const tables: LensTable[] = [];
  const views: LensView[] = [];
  const objects = new Map<string, CatalogueObject>();
  for (const [model, specs] of Object.entries(modelFields)) {
    const fields = fieldsOf(specs);
    const columns = [...fields.values()].map((field) => `"${field.column}"`).join(', ');
    const sources: CatalogueSource[] = [];
    const selects: string[] = [];
    const parts: ViewPart[] = [];
    for (const table of feeds[model] ?? []) {
      const [schema = '', name = ''] = table.split('.');
      const stream = streams.get(table);
      if (stream === undefined) continue;
      tables.push({
        stream,
        schema,
        name,
        columns: specs.map(([key, type]) => ({ name: key, key, duckType: duckTypes[type] })),
      });
      selects.push(`select _stream, _id, _at, ${columns} from "${schema}"."${name}"`);
      sources.push(sourceOf(stream, schema, name));
      parts.push(partOf(stream, `"${schema}"."${name}"`, specs));
      const plain = new Map([...fields].map(([key, field]) => [key, { ...field, reference: null }]));
      objects.set(table, objectOf(table, 'native', plain, [], [sourceOf(stream, schema, name)]));
    }
    if (selects.length === 0) continue;
    views.push({ schema: 'model', name: model, select: selects.join(' union all by name ') });
    objects.set(model, { ...objectOf(model, 'model', fields, manyOf[model] ?? [], sources), parts });
  }
  const version = contentHash(JSON.stringify([tables, views]));
  return { version, objects, documents: documentsOf(tables), layout: { version, tables, views }, diagnostics: [] };
}

function partOf(stream: StreamId, from: string, specs: readonly FieldSpec[]): ViewPart {
  const columns = specs.map(([name, type]) => ({
    name,
    sql: `t."${name}"`,
    joins: [],
    reads: [],
    missing: `cast(null as ${duckTypes[type]})`,
    uses: [{ stream, field: name }],
  }));
  return { stream, from, columns, where: null, kept: [] };
}

/** Models show the native fields under the same names, so that every document reads as it is. */
function documentsOf(tables: readonly LensTable[]): Catalogue['documents'] {
  const documents = new Map<string, Map<StreamId, DocumentReader>>();
  for (const { stream, schema, name, columns } of tables) {
    const read: DocumentReader = (document) => ({
      values: new Map(columns.map((column) => [column.name, document[column.key] ?? null])),
      belongs: true,
      keys: [],
    });
    const models = Object.keys(feeds).filter((model) => feeds[model]?.includes(`${schema}.${name}`));
    for (const object of [...models, `${schema}.${name}`]) {
      documents.set(object, (documents.get(object) ?? new Map<StreamId, DocumentReader>()).set(stream, read));
    }
  }
  return documents;
}

function fieldsOf(specs: readonly FieldSpec[]): ReadonlyMap<string, CatalogueField> {
  return new Map(
    specs.map(([name, type, more]) => [
      name,
      {
        name,
        type,
        title: name.replaceAll('_', ' '),
        why: null,
        column: name,
        values: null,
        currency: null,
        currencyField: null,
        sensitive: false,
        deprecated: null,
        custom: false,
        reference: null,
        untrusted: false,
        ...more,
      },
    ]),
  );
}

function sourceOf(stream: StreamId, connectionSlug: string, nativeObject: string): CatalogueSource {
  return {
    stream,
    connectionSlug,
    integration: connectionSlug,
    provider: connectionSlug === 'support' ? 'zendesk' : 'salesforce',
    nativeObject,
    linkTemplate: `https://${connectionSlug}.example/{id}`,
    trust: connectionSlug === 'support' ? 'engagement' : 'record',
  };
}

function objectOf(
  name: string,
  kind: 'model' | 'native',
  fields: ReadonlyMap<string, CatalogueField>,
  many: readonly CatalogueMany[],
  sources: readonly CatalogueSource[],
): CatalogueObject {
  const [schema, table] = kind === 'model' ? ['model', name] : name.split('.');
  return {
    name,
    kind,
    title: name,
    why: kind === 'model' ? `What the product knows of each ${name}.` : null,
    relation: `"${schema}"."${table}"`,
    label: fields.has('name') ? 'name' : 'subject',
    fields,
    many: new Map(many.map((relation) => [relation.name, relation])),
    sources,
  };
}

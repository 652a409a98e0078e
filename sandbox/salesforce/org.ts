import { createWorld, type World } from '../world/index.ts';
import type { ResolvedOptions, SandboxClock, SandboxUser } from '../kit/index.ts';
import { organizationId, signInUsers } from './rows/identity.ts';
import { createLiveTable, type LiveRow } from './rows/live-table.ts';
import { createLateCommits, type LateCommits } from './rows/late-commits.ts';
import { emptySource, type BaseSource } from './rows/source.ts';
import { createTable, type Table } from './rows/table.ts';
import { wideSource } from './rows/wide-source.ts';
import { worldSources } from './rows/world-sources.ts';
import type { FieldDef } from './schema/field.ts';
import type { ObjectDef } from './schema/object.ts';
import { createSchema, orgObjects, type Schema } from './schema/schema.ts';
import { wideObject } from './schema/wide.ts';
import { createCustomFields, type CustomFields } from './setup/custom-fields.ts';
import { customField, entityDefinition, flowDefinitionView, toolingObjects } from './setup/objects.ts';
import { durableId, entitySource, setupSources } from './setup/sources.ts';
import { createPeople, type People } from './sharing/people.ts';
import { setupSharingObjects, userRecordAccess } from './sharing/setup-objects.ts';
import { derivedObjects } from './sharing/share-objects.ts';
import { createSharing, type Sharing } from './sharing/sharing.ts';
import type { Query } from './soql/ast.ts';

/** What a query needs to know of an org: objects, records and the time. */
export interface SoqlOrg {
  readonly clock: SandboxClock;
  readonly schema: Schema;
  /** Records of an object of the schema, by its exact name. */
  table(object: string): Table;
  /** Which rows somebody is shown; absent or null: all of them. */
  visible?(object: string): ((row: number) => boolean) | null;
  /** The record that a look-up field's value points at; null when there is none. */
  locate(field: FieldDef, value: string): { readonly object: ObjectDef; readonly row: number } | null;
  /** The org for one query, where what there is depends on what is asked. */
  forQuery?(query: Query): SoqlOrg;
}

/** One Salesforce org: its schema, its records and its people. */
export interface Org extends SoqlOrg {
  readonly id: string;
  readonly world: World;
  readonly users: readonly SandboxUser[];
  readonly sharing: Sharing;
  readonly people: People;
  readonly customFields: CustomFields;
  readonly late: LateCommits;
  /** Resolves look-ups in other tables than the org's own. */
  locateIn(tables: Pick<SoqlOrg, 'schema' | 'table'>): SoqlOrg['locate'];
  /** Definitions and rules as the Tooling API shows them. */
  readonly tooling: SoqlOrg;
}

/** What a rehearsal may want beyond a usual org. */
export interface OrgExtras {
  /** Custom fields of an object that then comes on top; absent: no such object. */
  readonly wideColumns?: number;
  /** Some records hold texts of up to 100 kB, and opportunities have a field for them. */
  readonly longTexts?: boolean;
  /** No external id for programs that write (`Gantry_Key__c`), as in an org whose admin made none. */
  readonly withoutMarker?: boolean;
}

export function createOrg(options: ResolvedOptions, clock: SandboxClock, extras: OrgExtras = {}): Org {
  const world = createWorld(options);
  const longTexts = extras.longTexts === true;
  const wide = extras.wideColumns === undefined ? [] : [wideObject(extras.wideColumns)];
  const users = signInUsers(world);
  const people = createPeople(world, users);
  const own = [
    ...orgObjects(longTexts, extras.withoutMarker !== true),
    entityDefinition,
    flowDefinitionView,
    ...setupSharingObjects,
    ...wide,
  ];
  const schema = createSchema([...own, ...derivedObjects(own)]);
  const bornMs = world.user(0).createdAt.getTime();
  const nowMs = (): number => clock.now().getTime();
  const sharing = createSharing({ users, bornMs, schema, nowMs, table: (object) => data.table(object) });
  const entities = entitySource(schema.objects, sharing.model);
  const entityRow = (match: (object: ObjectDef, at: number) => boolean): number => schema.objects().findIndex(match);
  const entityOf = (name: string): string => {
    const at = entityRow((object) => object.name === name);
    const object = schema.objects()[at];
    if (object === undefined) throw new Error(`no object ${name}`);
    return durableId(object, at);
  };
  const ofWorld = worldSources(world);
  const sources = new Map([
    ...[...ofWorld].map(([object, source]) => [object, people.owned(object, source)] as const),
    ['User', withAccess(people.users(ofWorld.get('User') ?? emptySource), sharing)] as const,
    ...setupSources(bornMs, entityOf),
    ['EntityDefinition', entities] as const,
    ...wide.map((object) => [object.name, wideSource(world, object, longTexts)] as const),
  ]);
  const common = { clock, seed: options.seed, anchorMs: options.anchor.getTime(), userCount: world.counts.users };
  const live = new Map([...sharing.live, [userRecordAccess.name, (): readonly LiveRow[] => []] as const]);
  const data = withTables(schema, sources, common, live);
  const toEntity =
    (tables: Pick<SoqlOrg, 'schema' | 'table'>): SoqlOrg['locate'] =>
    (field, value) => {
      if (field.referenceTo[0] !== 'EntityDefinition') return byId(tables, value);
      const row = entityRow((object, at) => durableId(object, at) === value);
      return row < 0 ? null : { object: entityDefinition, row };
    };
  const customFields = createCustomFields({ schema, sharing, entityOf, nowMs });
  const definitions = new Map([[customField.name, customFields.rows] as const]);
  const tooling = withTables(createSchema(toolingObjects), sources, common, definitions);
  return {
    id: organizationId(options.seed),
    world,
    users,
    sharing,
    people,
    customFields,
    locateIn: toEntity,
    late: createLateCommits(clock),
    ...data,
    locate: toEntity(data),
    tooling: { ...tooling, locate: toEntity(tooling) },
  };
}

/** Users with what they are given; the rest is the world's. */
function withAccess(source: BaseSource, sharing: Sharing): BaseSource {
  return {
    get count() {
      return source.count;
    },
    createdMs: (row) => source.createdMs(row),
    modifiedMs: (row) => source.modifiedMs(row),
    children: (storage, parentId) => source.children(storage, parentId),
    value: (row, storage) => {
      const given = sharing.ofUser(row, storage);
      return given === undefined ? source.value(row, storage) : given;
    },
  };
}

function byId(
  { schema, table }: Pick<SoqlOrg, 'schema' | 'table'>,
  id: string,
): { readonly object: ObjectDef; readonly row: number } | null {
  const object = schema.byPrefix(id.slice(0, 3));
  const row = object === undefined ? null : table(object.name).rowOf(id);
  return object === undefined || row === null ? null : { object, row };
}

interface Common {
  readonly clock: SandboxClock;
  readonly seed: number;
  readonly anchorMs: number;
  readonly userCount: number;
}

/** A schema with a table for each of its objects, made when it is first asked for. */
function withTables(
  schema: Schema,
  sources: ReadonlyMap<string, BaseSource>,
  common: Common,
  live: ReadonlyMap<string, () => readonly LiveRow[]> = new Map(),
): Omit<SoqlOrg, 'locate'> {
  const { clock, ...parts } = common;
  const tables = new Map<string, Table>();
  const table = (object: string): Table => {
    const known = tables.get(object);
    if (known !== undefined) return known;
    const def = schema.object(object);
    if (def === undefined) throw new Error(`no object ${object}`);
    const kept = live.get(object);
    const fresh = kept === undefined ? storedTable(object, def) : createLiveTable(object, kept);
    tables.set(object, fresh);
    return fresh;
  };
  const storedTable = (object: string, def: ObjectDef): Table =>
    createTable({
      ...parts,
      object,
      prefix: def.keyPrefix,
      source: sources.get(object) ?? emptySource,
      fieldByStorage: (storage) => schema.object(object)?.fields.find((field) => field.storage === storage),
    });
  return { clock, schema, table };
}

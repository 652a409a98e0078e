import { createWorld, type World } from '../world/index.ts';
import type { ResolvedOptions, SandboxClock, SandboxUser } from '../kit/index.ts';
import { organizationId, signInUsers } from './rows/identity.ts';
import { createLateCommits, type LateCommits } from './rows/late-commits.ts';
import { emptySource, type BaseSource } from './rows/source.ts';
import { createTable, type Table } from './rows/table.ts';
import { wideSource } from './rows/wide-source.ts';
import { worldSources } from './rows/world-sources.ts';
import type { FieldDef } from './schema/field.ts';
import type { ObjectDef } from './schema/object.ts';
import { createSchema, orgObjects, type Schema } from './schema/schema.ts';
import { wideObject } from './schema/wide.ts';
import { entityDefinition, flowDefinitionView, toolingObjects } from './setup/objects.ts';
import { createSharing, type Sharing } from './setup/sharing.ts';
import { sharingObjects } from './setup/sharing-objects.ts';
import { durableId, entitySource, setupSources } from './setup/sources.ts';

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
}

/** One Salesforce org: its schema, its records and its people. */
export interface Org extends SoqlOrg {
  readonly id: string;
  readonly world: World;
  readonly users: readonly SandboxUser[];
  readonly sharing: Sharing;
  readonly late: LateCommits;
  /** Definitions and rules as the Tooling API shows them. */
  readonly tooling: SoqlOrg;
}

/** What a rehearsal may want beyond a usual org. */
export interface OrgExtras {
  /** Custom fields of an object that then comes on top; absent: no such object. */
  readonly wideColumns?: number;
  /** Some records hold texts of up to 100 kB, and opportunities have a field for them. */
  readonly longTexts?: boolean;
}

export function createOrg(options: ResolvedOptions, clock: SandboxClock, extras: OrgExtras = {}): Org {
  const world = createWorld(options);
  const longTexts = extras.longTexts === true;
  const wide = extras.wideColumns === undefined ? [] : [wideObject(extras.wideColumns)];
  const schema = createSchema([
    ...orgObjects(longTexts),
    entityDefinition,
    flowDefinitionView,
    ...sharingObjects,
    ...wide,
  ]);
  const bornMs = world.user(0).createdAt.getTime();
  const users = signInUsers(world);
  const sharing = createSharing(users, bornMs);
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
    ...ofWorld,
    ['User', withAccess(ofWorld.get('User') ?? emptySource, sharing)] as const,
    ...sharing.sources,
    ...setupSources(bornMs, entityOf),
    ['EntityDefinition', entities] as const,
    ...wide.map((object) => [object.name, wideSource(world, object, longTexts)] as const),
  ]);
  const common = { clock, seed: options.seed, anchorMs: options.anchor.getTime(), userCount: world.counts.users };
  const data = withTables(schema, sources, common);
  const toEntity =
    (tables: Pick<SoqlOrg, 'schema' | 'table'>): SoqlOrg['locate'] =>
    (field, value) => {
      if (field.referenceTo[0] !== 'EntityDefinition') return byId(tables, value);
      const row = entityRow((object, at) => durableId(object, at) === value);
      return row < 0 ? null : { object: entityDefinition, row };
    };
  const tooling = withTables(createSchema(toolingObjects), sources, common);
  return {
    id: organizationId(options.seed),
    world,
    users,
    sharing,
    late: createLateCommits(clock),
    ...data,
    locate: toEntity(data),
    tooling: { ...tooling, locate: toEntity(tooling) },
  };
}

/** Users with what they are given; the rest is the world's. */
function withAccess(source: BaseSource, sharing: Sharing): BaseSource {
  return { ...source, value: (row, storage) => sharing.ofUser(row, storage) ?? source.value(row, storage) };
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
function withTables(schema: Schema, sources: ReadonlyMap<string, BaseSource>, common: Common): Omit<SoqlOrg, 'locate'> {
  const { clock, ...parts } = common;
  const tables = new Map<string, Table>();
  const table = (object: string): Table => {
    const known = tables.get(object);
    if (known !== undefined) return known;
    const def = schema.object(object);
    if (def === undefined) throw new Error(`no object ${object}`);
    const fresh = createTable({
      ...parts,
      object,
      prefix: def.keyPrefix,
      source: sources.get(object) ?? emptySource,
      fieldByStorage: (storage) => schema.object(object)?.fields.find((field) => field.storage === storage),
    });
    tables.set(object, fresh);
    return fresh;
  };
  return { clock, schema, table };
}

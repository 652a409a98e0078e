import { createWorld, type World } from '../world/index.ts';
import type { ResolvedOptions, SandboxClock, SandboxUser } from '../kit/index.ts';
import { organizationId, signInUsers } from './rows/identity.ts';
import { emptySource } from './rows/source.ts';
import { createTable, type Table } from './rows/table.ts';
import { worldSources } from './rows/world-sources.ts';
import { createSchema, type Schema } from './schema/schema.ts';

/** One Salesforce org: its schema, its records and its people. */
export interface Org {
  readonly id: string;
  readonly world: World;
  readonly clock: SandboxClock;
  readonly schema: Schema;
  readonly users: readonly SandboxUser[];
  /** Records of an object of the schema, by its exact name. */
  table(object: string): Table;
}

export function createOrg(options: ResolvedOptions, clock: SandboxClock): Org {
  const world = createWorld({ seed: options.seed, scale: options.scale, anchor: options.anchor });
  const schema = createSchema();
  const sources = worldSources(world);
  const tables = new Map<string, Table>();
  const table = (object: string): Table => {
    const known = tables.get(object);
    if (known !== undefined) return known;
    const def = schema.object(object);
    if (def === undefined) throw new Error(`no object ${object}`);
    const fresh = createTable({
      object,
      prefix: def.keyPrefix,
      source: sources.get(object) ?? emptySource,
      seed: options.seed,
      anchorMs: options.anchor.getTime(),
      userCount: world.counts.users,
      fieldByStorage: (storage) => schema.object(object)?.fields.find((field) => field.storage === storage),
    });
    tables.set(object, fresh);
    return fresh;
  };
  return { id: organizationId(options.seed), world, clock, schema, users: signInUsers(world), table };
}

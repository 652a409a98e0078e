import { intents } from '../../connectors/index.ts';
import { GantryError, suggest, type TenantId } from '../../kernel/index.ts';
import { listConnections, listStreams, type Tx } from '../../store/index.ts';
import type { SwitchScope } from '../../switches/index.ts';
import { undoIntent } from '../../write/index.ts';

/** What a project says that there is. */
export interface NamesThere {
  readonly agents: ReadonlyMap<string, unknown>;
  readonly models: ReadonlyMap<
    string,
    { readonly name: string; readonly operations?: ReadonlyMap<string, unknown> | undefined }
  >;
}

/**
 * A switch on a name that nothing has would stop nothing, and whoever throws one
 * in a hurry would believe that it holds. Raises `switch_scope_unknown` with the
 * names that are like it. An object that was never read may be written all the
 * same, and users need no link: of an object only what looks mistyped and what is a model is refused, of a user nothing.
 */
export async function requireThere(
  tx: Tx,
  tenant: TenantId,
  scope: SwitchScope,
  names: NamesThere | null,
): Promise<void> {
  switch (scope.kind) {
    case 'global':
    case 'tenant':
    case 'principal':
      return;
    case 'connection':
      await connectionNamed(tx, tenant, scope.connection);
      return;
    case 'object': {
      const { id } = await connectionNamed(tx, tenant, scope.connection);
      const objects = (await listStreams(tx, tenant, id)).map(({ object }) => object);
      if (objects.includes(scope.object)) return;
      if (isModel(scope.object, names)) throw modelNamed(scope.object, objects);
      if (looksMistyped(scope.object, objects)) throw unknown('object', scope.object, objects);
      return;
    }
    case 'operation': {
      const known = operationsIn(names);
      if (!known.includes(scope.operation)) throw unknown('operation', scope.operation, known);
      return;
    }
    case 'agent': {
      const known = [...(names?.agents.keys() ?? [])];
      if (!known.includes(scope.agent)) throw unknown('agent', scope.agent, known);
      return;
    }
  }
}

async function connectionNamed(tx: Tx, tenant: TenantId, slug: string) {
  const connections = await listConnections(tx, tenant);
  const found = connections.find((each) => each.slug === slug);
  if (found !== undefined) return found;
  throw unknown(
    'connection',
    slug,
    connections.map((each) => each.slug),
  );
}

/** Short names are like each other without meaning each other: `Task` is no `Case`. */
const TELLING_CHARS = 6;

function looksMistyped(name: string, known: readonly string[]): boolean {
  const folded = name.toLowerCase();
  if (known.some((each) => each.toLowerCase() === folded)) return true;
  return name.length >= TELLING_CHARS && suggest(name, known).length > 0;
}

const plainOperations = ['create', 'update', 'upsert', 'delete', 'create_field', undoIntent] as const;

function operationsIn(names: NamesThere | null): readonly string[] {
  const declared = [...(names?.models.values() ?? [])].flatMap(({ name, operations }) =>
    [...(operations?.keys() ?? [])].map((operation) => `${name}.${operation}`),
  );
  return [...plainOperations, ...intents.keys(), ...declared];
}

function isModel(name: string, names: NamesThere | null): boolean {
  const folded = name.toLowerCase();
  return [...(names?.models.keys() ?? [])].some((each) => each.toLowerCase() === folded);
}

/** Plans and rules speak of models, and writes go to a system's own objects: a switch on a model's name would stop none. */
function modelNamed(name: string, objects: readonly string[]): GantryError {
  return new GantryError('switch_scope_unknown', {
    message: `"${name}" is a model, and a switch names an object as its system does: nothing was stopped.`,
    where: 'object',
    suggestions: suggest(name, objects),
    allowed: objects.slice(0, NAMED_MOST),
  });
}

const NAMED_MOST = 20;

function unknown(kind: string, name: string, known: readonly string[]): GantryError {
  return new GantryError('switch_scope_unknown', {
    message: `There is no ${kind} "${name}" here: nothing was stopped.`,
    where: kind,
    suggestions: suggest(name, known),
    allowed: known.slice(0, NAMED_MOST),
  });
}

import { ControlError, type SandboxUser, type WriteOp } from '../../kit/index.ts';
import type { FieldDef } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';

type Input = Readonly<Record<string, unknown>>;

/** What is taken from single users, whatever profiles and permission sets give them. */
export interface OwnRights {
  hides(user: SandboxUser, object: ObjectDef, field: FieldDef): boolean;
  keeps(user: SandboxUser, object: ObjectDef, field: FieldDef): boolean;
  denies(user: SandboxUser, object: ObjectDef, op: WriteOp): boolean;
  /** Applies `{hide?, show?, readOnly?, writable?: {object, field}, deny?, allow?: {object, op}}`. */
  change(user: SandboxUser, input: Input): Readonly<Record<'hidden' | 'readOnly' | 'denied', readonly string[]>>;
}

export function createOwnRights(schema: Schema): OwnRights {
  const hidden = createUserSets();
  const readOnly = createUserSets();
  const denied = createUserSets();
  const set = (sets: UserSets, user: SandboxUser, on: string | null, off: string | null): void => {
    if (on !== null) sets.of(user).add(on);
    if (off !== null) sets.of(user).delete(off);
  };
  const field = (input: unknown): string | null => (input === undefined ? null : hideable(schema, input));
  const operation = (input: unknown): string | null => (input === undefined ? null : operationOf(schema, input));
  return {
    hides: (user, object, def) => hidden.of(user).has(fieldKey(object, def)),
    keeps: (user, object, def) => readOnly.of(user).has(fieldKey(object, def)),
    denies: (user, object, op) => denied.of(user).has(`${object.name} ${op}`),
    change: (user, input) => {
      set(hidden, user, field(input['hide']), field(input['show']));
      set(readOnly, user, field(input['readOnly']), field(input['writable']));
      set(denied, user, operation(input['deny']), operation(input['allow']));
      return { hidden: [...hidden.of(user)], readOnly: [...readOnly.of(user)], denied: [...denied.of(user)] };
    },
  };
}

export const fieldKey = (object: ObjectDef, field: FieldDef): string => `${object.name}.${field.storage}`;

interface UserSets {
  of(user: SandboxUser): Set<string>;
}

function createUserSets(): UserSets {
  const sets = new Map<string, Set<string>>();
  return {
    of: ({ username }) => {
      const known = sets.get(username) ?? new Set<string>();
      sets.set(username, known);
      return known;
    },
  };
}

function hideable(schema: Schema, input: unknown): string {
  const { object: name, field } = Object(input) as Readonly<Record<string, unknown>>;
  const object = typeof name === 'string' ? schema.object(name) : undefined;
  const def = object === undefined || typeof field !== 'string' ? undefined : schema.field(object.name, field);
  if (object === undefined || def === undefined) throw new ControlError(`no field ${String(field)} on ${String(name)}`);
  if (!def.nillable && !def.custom) throw new ControlError(`${def.name} is required and cannot be hidden`);
  return fieldKey(object, def);
}

function operationOf(schema: Schema, input: unknown): string {
  const { object: name, op } = Object(input) as Readonly<Record<string, unknown>>;
  const object = typeof name === 'string' ? schema.object(name) : undefined;
  if (object === undefined || (op !== 'create' && op !== 'update' && op !== 'delete'))
    throw new ControlError('deny and allow want {object, op: create, update or delete}');
  return `${object.name} ${op}`;
}

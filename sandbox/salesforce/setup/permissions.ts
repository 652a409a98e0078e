import { ControlError, type SandboxUser } from '../../kit/index.ts';
import type { Hidden, Schema } from '../schema/schema.ts';

/** Objects of the data API for users who may view setup. */
const SETUP_ONLY: ReadonlySet<string> = new Set(['FlowDefinitionView']);

/** What each user may see beyond their records. */
export interface Permissions {
  /** "View Setup and Configuration". */
  mayViewSetup(user: SandboxUser): boolean;
  /** Objects and fields that do not exist for a user. */
  hidden(user: SandboxUser): Hidden;
  /**
   * Applies `{user, viewSetup?: boolean, hide?: {object, field}, show?:
   * {object, field}}` (the latter two are field-level security); returns what
   * the user has then.
   */
  change(input: Readonly<Record<string, unknown>>): unknown;
}

export function createPermissions(users: readonly SandboxUser[], schema: Schema): Permissions {
  const viewers = new Set(users.filter((user) => user.role === 'admin').map((user) => user.username));
  const hiddenFields = new Map<string, Set<string>>();
  const fieldsOf = (username: string): Set<string> => {
    const known = hiddenFields.get(username) ?? new Set<string>();
    hiddenFields.set(username, known);
    return known;
  };
  return {
    mayViewSetup: (user) => viewers.has(user.username),
    hidden: (user) => ({
      objects: viewers.has(user.username) ? new Set() : SETUP_ONLY,
      fields: fieldsOf(user.username),
    }),
    change: ({ user, viewSetup, hide, show }) => {
      if (typeof user !== 'string' || !users.some((one) => one.username === user))
        throw new ControlError('permissions wants {user: username, viewSetup?, hide?, show?}');
      if (viewSetup === true) viewers.add(user);
      if (viewSetup === false) viewers.delete(user);
      if (hide !== undefined) fieldsOf(user).add(fieldKey(schema, hide));
      if (show !== undefined) fieldsOf(user).delete(fieldKey(schema, show));
      return { viewSetup: viewers.has(user), hidden: [...fieldsOf(user)] };
    },
  };
}

function fieldKey(schema: Schema, input: unknown): string {
  const { object: name, field } = (input ?? {}) as Readonly<Record<string, unknown>>;
  const object = typeof name === 'string' ? schema.object(name) : undefined;
  const def = object === undefined || typeof field !== 'string' ? undefined : schema.field(object.name, field);
  if (object === undefined || def === undefined) throw new ControlError(`no field ${String(field)} on ${String(name)}`);
  if (!def.nillable && !def.custom) throw new ControlError(`${def.name} is required and cannot be hidden`);
  return `${object.name}.${def.storage}`;
}

import { ControlError, type SandboxUser } from '../../kit/index.ts';
import type { Schema } from '../schema/schema.ts';
import { CHILD_ACCESS, OPERATORS, type Access, type ChildLevels, type Criterion, type SharingState } from './state.ts';

export type Input = Readonly<Record<string, unknown>>;

export function record(value: unknown, what: string): Input {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ControlError(`${what} must be an object`);
  return value as Input;
}

export function text(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new ControlError(`${what} must be a text`);
  return value;
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ControlError(`${what} must be a list`);
  return value;
}

export function oneOf<Choice extends string>(value: unknown, choices: readonly Choice[], what: string): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new ControlError(`${what}: ${String(value)} is none of ${choices.join(', ')}`);
  return found;
}

export function findUser(state: SharingState, name: unknown): SandboxUser {
  const user = state.users.find((one) => one.username === name || one.id === name);
  if (user === undefined) throw new ControlError(`no user ${String(name)}`);
  return user;
}

/** Exact name of an object of the org. */
export function objectName(schema: Schema, value: unknown): string {
  const object = typeof value === 'string' ? schema.object(value) : undefined;
  if (object === undefined) throw new ControlError(`no object ${String(value)}`);
  return object.name;
}

/** Field as `Object.storage`. */
export function fieldKey(schema: Schema, object: string, name: unknown): string {
  return `${object}.${storageOf(schema, object, name)}`;
}

function storageOf(schema: Schema, object: string, name: unknown): string {
  const field = typeof name === 'string' ? schema.field(object, name) : undefined;
  if (field === undefined) throw new ControlError(`no field ${String(name)} on ${object}`);
  return field.storage;
}

export function access(value: unknown): Access {
  return value === undefined ? 'Read' : oneOf(value, ['Read', 'Edit'], 'access');
}

/** `opportunity`, `case` and `contact` of an input; what is not named stays as in `before`. */
export function childLevels(input: Input, before: ChildLevels): ChildLevels {
  const level = (name: keyof ChildLevels) =>
    input[name] === undefined ? before[name] : oneOf(input[name], CHILD_ACCESS, name);
  return { opportunity: level('opportunity'), case: level('case'), contact: level('contact') };
}

/**
 * Id of the user or group that a target means: a username or id, or `{user}`, `{group}`,
 * `{queue}`, `{role}`, `{roleAndSubordinates}`, `{roleAndSubordinatesInternal}` or `{everyone: true}`.
 */
export function targetId(state: SharingState, target: unknown): string {
  if (typeof target === 'string') {
    return state.groups.find((group) => group.id === target)?.id ?? findUser(state, target).id;
  }
  const input = record(target, 'a target');
  if (input['user'] !== undefined) return findUser(state, input['user']).id;
  const found = state.groups.find(({ type, name, role }) => {
    switch (type) {
      case 'Regular':
        return name === input['group'];
      case 'Queue':
        return name === input['queue'];
      case 'Role':
        return role === input['role'];
      case 'RoleAndSubordinates':
        return role === input['roleAndSubordinates'];
      case 'RoleAndSubordinatesInternal':
        return role === input['roleAndSubordinatesInternal'];
      case 'Organization':
        return input['everyone'] === true;
    }
  });
  if (found === undefined) throw new ControlError(`no user, group, queue or role ${JSON.stringify(target)}`);
  return found.id;
}

export function criteria(schema: Schema, object: string, input: unknown): readonly Criterion[] {
  return list(input, 'where').map((one) => {
    const { field, operator, value = null } = record(one, 'a condition');
    if (typeof value === 'object' && value !== null)
      throw new ControlError('a condition compares with a text, number or boolean');
    return {
      storage: storageOf(schema, object, field),
      operator: oneOf(operator, OPERATORS, 'operator'),
      value: value as Criterion['value'],
    };
  });
}

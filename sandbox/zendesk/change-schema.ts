import { ControlError, type Effect, type SchemaChange } from '../kit/index.ts';
import type { Account } from './account.ts';
import type { CustomField, FieldDraft, FieldOption } from './fields/field.ts';
import { objectNamed } from './mutate.ts';

const TYPES = [
  'text',
  'textarea',
  'checkbox',
  'date',
  'integer',
  'decimal',
  'regexp',
  'tagger',
  'dropdown',
  'multiselect',
] as const;

type Given = Readonly<Record<string, unknown>>;

/**
 * What an admin does to the fields. `add` {type, title, key?, options?...};
 * `remove` an id or key; `change` {id or key, title?, active?, required?, options?...}.
 */
export function changeSchema(account: Account, change: SchemaChange): { readonly effects: readonly Effect[] } {
  const owner = objectNamed(change.object);
  const at = `${account.clock.now().toISOString().slice(0, 19)}Z`;
  const effects: Effect[] = [];
  const note = (id: number): void => {
    effects.push({ op: 'schema', object: owner, id: String(id) });
  };
  const find = (name: unknown): CustomField => {
    const field = account.fields.find(owner, String(name));
    if (field === null) throw new ControlError(`${owner} have no custom field ${String(name)}`);
    return field;
  };
  if (change.add !== undefined) {
    const draft = draftFrom(change.add);
    if (owner !== 'tickets' && draft.key === undefined) throw new ControlError(`fields of ${owner} need a key`);
    note(account.fields.add(owner, draft, at).id);
  }
  if (change.remove !== undefined) {
    const field = find(change.remove);
    account.fields.remove(owner, field.id);
    note(field.id);
  }
  if (change.change !== undefined) {
    const field = find(change.change['id'] ?? change.change['key']);
    const draft = draftFrom({ type: field.type, title: field.title, ...change.change });
    account.fields.replace(owner, { ...field, ...draft, key: field.key, updatedAt: at });
    note(field.id);
  }
  return { effects };
}

function draftFrom(given: Given): FieldDraft {
  const { type, title, key, description, active, required, regexp, options } = given;
  const known = TYPES.find((one) => one === type);
  if (known === undefined) throw new ControlError(`type must be one of ${TYPES.join(', ')}`);
  if (typeof title !== 'string' || title === '') throw new ControlError('a field needs a title');
  return {
    type: known,
    title,
    ...(typeof key === 'string' ? { key } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof active === 'boolean' ? { active } : {}),
    ...(typeof required === 'boolean' ? { required } : {}),
    ...(typeof regexp === 'string' ? { regexp } : {}),
    ...(options === undefined ? {} : { options: optionsFrom(options) }),
  };
}

function optionsFrom(given: unknown): readonly FieldOption[] {
  if (!Array.isArray(given)) throw new ControlError('options must be a list of {name, value}');
  return given.map((option: Given) => {
    const { name, value } = option;
    if (typeof name !== 'string' || typeof value !== 'string')
      throw new ControlError('options must be a list of {name, value}');
    return { name, value };
  });
}

import { json } from '../../kit/index.ts';
import { ticketFieldJson, keyedFieldJson } from '../fields/field-json.ts';
import type { FieldDraft, FieldOption, FieldType } from '../fields/field.ts';
import type { FieldOwner } from '../fields/field-store.ts';
import { isGiven, wrapped, type Given } from '../writes/given.ts';
import { createProblems, refusalAnswer } from '../writes/refusal.ts';
import type { Account } from '../account.ts';
import type { Endpoint } from './context.ts';
import { badRequest } from './errors.ts';

const NAMES = { tickets: 'ticket_field', organizations: 'organization_field', users: 'user_field' } as const;

/** Single choices have a type of their own in tickets ("Custom ticket field types", "User Fields"). */
const TYPES: Readonly<Record<FieldOwner, readonly FieldType[]>> = {
  tickets: ['text', 'textarea', 'checkbox', 'date', 'integer', 'decimal', 'regexp', 'tagger', 'multiselect'],
  organizations: ['text', 'textarea', 'checkbox', 'date', 'integer', 'decimal', 'regexp', 'dropdown', 'multiselect'],
  users: ['text', 'textarea', 'checkbox', 'date', 'integer', 'decimal', 'regexp', 'dropdown', 'multiselect'],
};

/** `POST /api/v2/{ticket,user,organization}_fields`: 201 with the field. For administrators ("Create Ticket Field"). */
export function createField(owner: FieldOwner): Endpoint {
  return ({ account, request }) => {
    const given = wrapped(request.body, NAMES[owner]);
    if (given === null) return badRequest('InvalidValue', `Parameter ${NAMES[owner]} is required`);
    const problems = createProblems();
    const draft = draftOf(account, owner, given, problems);
    const refusal = problems.refusal();
    if (refusal !== null || draft === null) return refusalAnswer(refusal ?? emptyRefusal);
    const at = `${account.clock.now().toISOString().slice(0, 19)}Z`;
    const field = account.fields.add(owner, draft, at);
    const position = account.fields.of(owner).length;
    const shown =
      owner === 'tickets'
        ? ticketFieldJson(request.origin, field, position)
        : keyedFieldJson(request.origin, owner, field, position);
    return {
      ...json(201, { [NAMES[owner]]: shown }),
      effects: [{ op: 'schema', object: owner, id: String(field.id), fields: given }],
    };
  };
}

const emptyRefusal = {
  kind: 'refused',
  status: 422,
  error: 'RecordInvalid',
  description: 'Record validation errors',
} as const;

function draftOf(
  account: Account,
  owner: FieldOwner,
  given: Given,
  problems: ReturnType<typeof createProblems>,
): FieldDraft | null {
  const { type = 'text', title, key, description, agent_description: forAgents, custom_field_options: choices } = given;
  const known = TYPES[owner].find((one) => one === type);
  if (known === undefined)
    problems.add('type', { description: `Type: ${String(type)} is invalid`, error: 'InvalidValue' });
  if (typeof title !== 'string' || title.trim() === '')
    problems.add('title', { description: 'Title: cannot be blank', error: 'BlankValue' });
  if (owner !== 'tickets') checkKey(account, owner, key, problems);
  const options = optionsIn(choices);
  const wantsOptions = known === 'tagger' || known === 'dropdown' || known === 'multiselect';
  if (wantsOptions && options.length === 0)
    problems.add('base', { description: 'Custom field options: cannot be blank', error: 'BlankValue' });
  if (options.some(({ value }) => !/^[^\s,&]+$/.test(value)))
    problems.add('custom_field_options', { description: 'Tag: has invalid characters', error: 'InvalidFormat' });
  if (known === undefined || typeof title !== 'string') return null;
  return {
    type: known,
    title,
    options,
    ...(owner !== 'tickets' && typeof key === 'string' ? { key } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof forAgents === 'string' ? { agentDescription: forAgents } : {}),
  };
}

/** "A unique key that identifies this custom field": letters, digits, underscores, hyphens; not only digits. */
function checkKey(
  account: Account,
  owner: FieldOwner,
  key: unknown,
  problems: ReturnType<typeof createProblems>,
): void {
  if (typeof key !== 'string' || key === '')
    problems.add('key', { description: 'Key: cannot be blank', error: 'BlankValue' });
  else if (!/^[a-zA-Z0-9_-]+$/.test(key) || /^\d+$/.test(key))
    problems.add('key', { description: `Key: ${key} is invalid`, error: 'InvalidFormat' });
  else if (account.fields.find(owner, key) !== null)
    problems.add('key', { description: `Key: ${key} has already been taken`, error: 'DuplicateValue' });
}

function optionsIn(given: unknown): readonly FieldOption[] {
  if (!Array.isArray(given)) return [];
  return given.filter(isGiven).map(({ name, value }) => ({ name: String(name), value: String(value).toLowerCase() }));
}

import type { Viewer } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import { emptyUser } from '../records/user.ts';
import type { Body } from '../store/collection.ts';
import { asText, idOrNull, tagList, type Given } from './given.ts';
import { keyedValues } from './keyed-values.ts';
import { mayWriteUser } from './may.ts';
import { createProblems, NOT_ALLOWED, type Problems, type Refusal } from './refusal.ts';

export interface Drafted {
  readonly kind: 'drafted';
  readonly body: Body;
}

/** Taken over as they are given; everything that is not named anywhere here is passed over, as Zendesk does. */
const PLAIN = [
  'phone',
  'details',
  'notes',
  'alias',
  'signature',
  'time_zone',
  'shared_phone_number',
  'verified',
  'suspended',
  'ticket_restriction',
  'default_group_id',
  'only_private_comments',
] as const;
const ROLES = ['end-user', 'agent', 'admin'];
const NAME_LENGTH_MAX = 255;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/;

/** A user as it would be after the write, or why not. Source: Zendesk API reference, "Users". */
export function draftUser(account: Account, viewer: Viewer, before: Body | null, given: Given): Drafted | Refusal {
  if (!mayWriteUser(account, viewer, before, given)) return NOT_ALLOWED;
  const problems = createProblems();
  const base = before ?? emptyUser(account.profile, account.records.users.nextId());
  const own: Record<string, unknown> = {};
  for (const key of PLAIN) if (key in given) own[key] = given[key];
  const role = given['role'];
  if (role !== undefined && !ROLES.includes(asText(role)))
    problems.add('role', { description: `Role: ${asText(role)} is not valid`, error: 'InvalidValue' });
  const body: Body = {
    ...base,
    ...own,
    ...name(given, before, problems),
    ...email(account, base, before, given, problems),
    ...externalId(account, base, given, problems),
    ...organization(account, given, problems),
    ...(role === undefined ? {} : { role, role_type: role === 'admin' ? 4 : role === 'agent' ? 0 : null }),
    ...('tags' in given ? { tags: tagList(given['tags']) } : {}),
    user_fields: keyedValues(account, 'users', base['user_fields'], given['user_fields'], problems),
    id: base.id,
  };
  return problems.refusal() ?? { kind: 'drafted', body };
}

function name(given: Given, before: Body | null, problems: Problems): Given {
  if (!('name' in given) && before !== null) return {};
  const value = typeof given['name'] === 'string' ? given['name'].trim() : '';
  if (value === '')
    problems.add('name', { description: 'Name: is too short (minimum is one character)', error: 'ValueTooShort' });
  if (value.length > NAME_LENGTH_MAX)
    problems.add('name', {
      description: `Name: is too long (maximum is ${NAME_LENGTH_MAX} characters)`,
      error: 'ValueTooLong',
    });
  return { name: value };
}

/** "Writeable on create only. On update, a secondary email is added": the one that is shown stays. */
function email(account: Account, base: Body, before: Body | null, given: Given, problems: Problems): Given {
  const value = given['email'];
  if (value === undefined || value === null) return {};
  const text = asText(value).trim().toLowerCase();
  if (!EMAIL.test(text)) {
    problems.add('email', {
      description: `Email:  ${asText(value)} is not properly formatted`,
      error: 'InvalidFormat',
    });
    return {};
  }
  if (account.unique.userEmail.ids(text).some((id) => id !== base.id))
    problems.add('email', {
      description: `Email: ${text} is already being used by another user`,
      error: 'DuplicateValue',
    });
  return before === null || before['email'] === null ? { email: text } : {};
}

function externalId(account: Account, base: Body, given: Given, problems: Problems): Given {
  if (!('external_id' in given)) return {};
  const value = given['external_id'];
  if (value === null || value === '') return { external_id: null };
  const text = asText(value);
  if (account.unique.userExternalId.ids(text).some((id) => id !== base.id))
    problems.add('external_id', {
      description: `External: ${text} has already been taken`,
      error: 'DuplicateValue',
    });
  return { external_id: text };
}

function organization(account: Account, given: Given, problems: Problems): Given {
  if (!('organization_id' in given)) return {};
  if (given['organization_id'] === null) return { organization_id: null };
  const id = idOrNull(given['organization_id']);
  const entry = id === null ? null : account.records.organizations.get(id);
  if (entry === null || entry.deleted)
    problems.add('organization_id', { description: 'Organization: is invalid', error: 'InvalidValue' });
  return { organization_id: id };
}

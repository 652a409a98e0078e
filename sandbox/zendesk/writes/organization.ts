import type { Viewer } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import { emptyOrganization } from '../records/organization.ts';
import type { Body } from '../store/collection.ts';
import { asText, idOrNull, tagList, type Given } from './given.ts';
import { keyedValues } from './keyed-values.ts';
import { mayCreateOrganization, mayUpdateOrganization } from './may.ts';
import { createProblems, NOT_ALLOWED, type Problems, type Refusal } from './refusal.ts';
import type { Drafted } from './user.ts';

const PLAIN = ['details', 'notes', 'shared_tickets', 'shared_comments'] as const;

/** An organization as it would be after the write, or why not. Source: Zendesk API reference, "Organizations". */
export function draftOrganization(
  account: Account,
  viewer: Viewer,
  before: Body | null,
  given: Given,
): Drafted | Refusal {
  const allowed =
    before === null ? mayCreateOrganization(account, viewer) : mayUpdateOrganization(account, viewer, given);
  if (!allowed) return NOT_ALLOWED;
  const problems = createProblems();
  const base = before ?? emptyOrganization(account.records.organizations.nextId());
  const own: Record<string, unknown> = {};
  for (const key of PLAIN) if (key in given) own[key] = given[key] ?? '';
  const body: Body = {
    ...base,
    ...own,
    ...name(account, base, before, given, problems),
    ...externalId(account, base, given, problems),
    ...group(account, given, problems),
    ...('tags' in given ? { tags: tagList(given['tags']) } : {}),
    // The list that is given replaces the one that stands there.
    ...('domain_names' in given ? { domain_names: domains(given['domain_names']) } : {}),
    organization_fields: keyedValues(
      account,
      'organizations',
      base['organization_fields'],
      given['organization_fields'],
      problems,
    ),
    id: base.id,
  };
  return problems.refusal() ?? { kind: 'drafted', body };
}

/** Names are unique but for blanks around them. */
function name(account: Account, base: Body, before: Body | null, given: Given, problems: Problems): Given {
  if (!('name' in given) && before !== null) return {};
  const value = typeof given['name'] === 'string' ? given['name'].trim() : '';
  if (value === '') problems.add('name', { description: 'Name: cannot be blank', error: 'BlankValue' });
  if (account.unique.organizationName.ids(value).some((id) => id !== base.id))
    problems.add('name', { description: 'Name: has already been taken', error: 'DuplicateValue' });
  return { name: value };
}

function externalId(account: Account, base: Body, given: Given, problems: Problems): Given {
  if (!('external_id' in given)) return {};
  const value = given['external_id'];
  if (value === null || value === '') return { external_id: null };
  const text = asText(value);
  if (account.unique.organizationExternalId.ids(text).some((id) => id !== base.id))
    problems.add('external_id', { description: 'External: has already been taken', error: 'DuplicateValue' });
  return { external_id: text };
}

function group(account: Account, given: Given, problems: Problems): Given {
  if (!('group_id' in given)) return {};
  const id = idOrNull(given['group_id']);
  const found = id === null ? null : account.access.group(id);
  if (given['group_id'] !== null && (found === null || found.deleted))
    problems.add('group', { description: 'Group: is invalid', error: 'InvalidValue' });
  return { group_id: id };
}

function domains(given: unknown): readonly string[] {
  return (Array.isArray(given) ? given : asText(given).split(/\s+/))
    .map((each) => String(each).trim().toLowerCase())
    .filter((each) => each !== '');
}

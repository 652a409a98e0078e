import type { Viewer } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import type { Body } from '../store/collection.ts';
import { idOrNull, isGiven, type Given } from './given.ts';
import type { Problems } from './refusal.ts';
import { draftUser } from './user.ts';

export interface TicketPeople {
  readonly values: Given;
  /** A requester whom the help desk does not know yet; kept with the ticket. */
  readonly newcomer: Body | null;
}

/** Requester, assignee, group and copies of a ticket. */
export function ticketPeople(
  account: Account,
  viewer: Viewer,
  before: Body | null,
  given: Given,
  problems: Problems,
): TicketPeople {
  const { requester, newcomer } = requesterOf(account, viewer, before, given, problems);
  const values: Record<string, unknown> = { ...requester, ...assigneeOf(account, given, problems) };
  if ('group_id' in given) {
    const group = given['group_id'] === null ? null : idOrNull(given['group_id']);
    const found = group === null ? null : account.access.group(group);
    if (given['group_id'] !== null && (found === null || found.deleted))
      problems.add('group', { description: 'Group: is invalid', error: 'InvalidValue' });
    values['group_id'] = group;
  } else if (typeof values['assignee_id'] === 'number') {
    // An agent outside the ticket's group takes it along to his own.
    const groups = account.access.groupsOf(values['assignee_id']);
    const now = before?.['group_id'];
    const home = account.records.users.get(values['assignee_id'])?.body['default_group_id'] ?? [...groups][0];
    if (!groups.has(now as number) && home !== undefined) values['group_id'] = home;
  }
  for (const key of ['collaborator_ids', 'follower_ids', 'email_cc_ids']) {
    if (key in given) values[key] = (Array.isArray(given[key]) ? (given[key] as unknown[]) : []).map(Number);
  }
  return { values, newcomer };
}

function requesterOf(account: Account, viewer: Viewer, before: Body | null, given: Given, problems: Problems) {
  const named = given['requester'];
  if (isGiven(named)) return requesterByEmail(account, viewer, named, problems);
  if (!('requester_id' in given)) {
    return { requester: before === null ? byId(account, viewer.id, problems) : {}, newcomer: null };
  }
  const id = idOrNull(given['requester_id']);
  return { requester: id === null ? missing(problems) : byId(account, id, problems), newcomer: null };
}

function missing(problems: Problems): Given {
  problems.add('requester', { description: 'Requester: is invalid', error: 'InvalidValue' });
  return {};
}

function byId(account: Account, id: number, problems: Problems): Given {
  const user = account.records.users.get(id);
  if (user === null || user.deleted) return missing(problems);
  if (user.body['suspended'] === true)
    problems.add('requester', { description: `Requester: ${String(user.body['name'])} is suspended.` });
  return { requester_id: id, organization_id: user.body['organization_id'] };
}

function requesterByEmail(account: Account, viewer: Viewer, named: Given, problems: Problems) {
  const email = typeof named['email'] === 'string' ? named['email'] : '';
  const [known] = account.unique.userEmail.ids(email.trim());
  if (known !== undefined) return { requester: byId(account, known, problems), newcomer: null };
  const drafted = draftUser(account, viewer, null, named);
  if (drafted.kind === 'drafted') {
    const { body } = drafted;
    return { requester: { requester_id: body.id, organization_id: body['organization_id'] }, newcomer: body };
  }
  const said = Object.values(drafted.details ?? {}).flat();
  for (const { description } of said) problems.add('requester', { description: `Requester: ${description}` });
  if (said.length === 0) missing(problems);
  return { requester: {}, newcomer: null };
}

function assigneeOf(account: Account, given: Given, problems: Problems): Given {
  const email = given['assignee_email'];
  if (!('assignee_id' in given) && typeof email !== 'string') return {};
  if (given['assignee_id'] === null) return { assignee_id: null };
  const id = typeof email === 'string' ? account.unique.userEmail.ids(email)[0] : idOrNull(given['assignee_id']);
  const user = typeof id === 'number' ? account.records.users.get(id) : null;
  if (user === null || user.deleted || user.body['role'] === 'end-user' || user.body['suspended'] === true) {
    problems.add('assignee', { description: 'Assignee: is invalid', error: 'InvalidValue' });
    return {};
  }
  return { assignee_id: user.id };
}

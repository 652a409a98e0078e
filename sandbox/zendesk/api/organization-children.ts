import { endUserOfContact } from '../../world/index.ts';
import type { Account } from '../account.ts';
import { endUserId, organizationIds, ticketIds } from '../ids.ts';
import type { Entry } from '../store/collection.ts';

/**
 * The live tickets or users of an organization, by id; null if there is no
 * such organization. Asks the world for the organization's own records and
 * adds what changed since, so that it costs as much as it finds.
 */
export function childrenOfOrganization(
  account: Account,
  object: 'tickets' | 'users',
  organizationId: number,
): readonly Entry[] | null {
  const { records, world } = account;
  const organization = records.organizations.get(organizationId);
  if (organization === null || organization.deleted) return null;
  const index = organizationIds.indexOf(organizationId);
  const base =
    index !== null && index < world.counts.accounts
      ? baseIds(account, object, index)
          .filter((id) => !records[object].isOverlaid(id))
          .flatMap((id) => records[object].get(id) ?? [])
      : [];
  const changed = [...records[object].overlaid()].filter(
    (entry) => !entry.deleted && entry.body['organization_id'] === organizationId,
  );
  return [...base, ...changed].toSorted((a, b) => a.id - b.id);
}

function baseIds({ world }: Account, object: 'tickets' | 'users', index: number): readonly number[] {
  if (object === 'tickets') return world.childrenOf('tickets', index).map(ticketIds.of);
  return world.childrenOf('contacts', index).flatMap((contact) => {
    const endUser = endUserOfContact(contact);
    return endUser === null ? [] : [endUserId(world.counts, endUser)];
  });
}

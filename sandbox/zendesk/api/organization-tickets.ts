import type { Account } from '../account.ts';
import { organizationIds, ticketIds } from '../ids.ts';
import type { Entry } from '../store/collection.ts';

/**
 * The live tickets of an organization, by id; null if there is no such
 * organization. Asks the world for the organization's own tickets and adds
 * what changed since, so that it costs as much as it finds.
 */
export function ticketsOfOrganization(account: Account, organizationId: number): readonly Entry[] | null {
  const { records, world } = account;
  const organization = records.organizations.get(organizationId);
  if (organization === null || organization.deleted) return null;
  const index = organizationIds.indexOf(organizationId);
  const base =
    index !== null && index < world.counts.accounts
      ? world
          .childrenOf('tickets', index)
          .map(ticketIds.of)
          .filter((id) => !records.tickets.isOverlaid(id))
          .flatMap((id) => records.tickets.get(id) ?? [])
      : [];
  const changed = [...records.tickets.overlaid()].filter(
    (entry) => !entry.deleted && entry.body['organization_id'] === organizationId,
  );
  return [...base, ...changed].toSorted((a, b) => a.id - b.id);
}

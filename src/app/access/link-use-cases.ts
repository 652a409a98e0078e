import type { Operator, PrincipalUseCases } from '../../api/index.ts';
import { changeEntry, type AppendAudit } from '../../audit/index.ts';
import type { SourceUser } from '../../connectors/index.ts';
import { GantryError, limits, suggest, type JsonObject, type TenantId } from '../../kernel/index.ts';
import {
  erasedPeople,
  linkPrincipal,
  linksOfConnection,
  listConnections,
  listPrincipalLinks,
  standingsOfPrincipal,
  unlinkPrincipal,
  wantAccessTurn,
  type ConnectionRow,
  type Db,
  type NewPrincipalLink,
  type PrincipalLinkRow,
  type StandingRow,
} from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import type { Targets } from '../sync/targets.ts';
import { pairByEmail, type Pairing } from './pair-by-email.ts';

export interface LinkDeps {
  readonly db: Db;
  readonly targets: Pick<Targets, 'ofConnection'>;
  readonly append: AppendAudit;
  /** Has rights read now, where this process does that. */
  readonly wake: () => void;
}

/** Who the product's users are in the connected systems, as operators say and see it. */
export function createLinkUseCases(deps: LinkDeps): PrincipalUseCases {
  const { db } = deps;
  return {
    list: async (_operator, { tenant: slug, connection, principal }) => {
      const tenant = await requireTenant(db, slug);
      return listLinks(deps, tenant, { connection, principal });
    },
    link: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const { principal, sourceUser, sourceName, attributes } = request;
      const wanted = { principal, sourceUser, sourceName, attributes, linkedBy: nameOf(operator) };
      await keepLinks(deps, tenant, request.connection, [wanted]);
      return { linked: true, principal, connection: request.connection, source_user: sourceUser };
    },
    unlink: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const { principal, connection } = request;
      const gone = await db.tenantTx(
        tenant,
        async (tx) => {
          const { id } = named(await listConnections(tx, tenant), connection);
          const done = await unlinkPrincipal(tx, { tenant, connection: id }, principal);
          await wantAccessTurn(tx, { tenant, connection: id }, tx.now);
          if (done) {
            const what = `who ${principal} is at ${connection}: nobody any more`;
            await deps.append(tx, tenant, [
              changeEntry({ by: nameOf(operator), what, connection, principal, after: null }),
            ]);
          }
          return done;
        },
        'access.unlink',
      );
      if (!gone) throw notLinked(principal, connection);
      return { unlinked: true, principal, connection };
    },
    linkByEmail: async (operator, request) => {
      const tenant = await requireTenant(db, request.tenant);
      const users = await usersOf(deps, tenant, request.connection);
      const proposed = pairByEmail(request.principals, users);
      const { pairs, erased } = await withoutErased(db, tenant, proposed.pairs);
      const unpaired = [...proposed.unpaired, ...erased.map(({ principal }) => ({ principal, why: 'erased' }))];
      if (request.apply) {
        const links = pairs.map(({ principal, user }) => ({
          principal,
          sourceUser: user.id,
          sourceName: user.name,
          attributes: user.email === null ? {} : { email: user.email },
          linkedBy: nameOf(operator),
        }));
        await keepLinks(deps, tenant, request.connection, links);
      }
      return {
        applied: request.apply,
        links: pairs.map(({ principal, user }) => ({ principal, source_user: user.id, source_name: user.name })),
        unmatched: unpaired.map(({ principal, why }) => ({ principal, why })),
      };
    },
  };
}

const nameOf = (operator: Operator): string => operator.name;

async function listLinks(
  { db }: LinkDeps,
  tenant: TenantId,
  only: { readonly connection: string | null; readonly principal: string | null },
): Promise<JsonObject[]> {
  return db.tenantRead(tenant, async (tx) => {
    const connections = await listConnections(tx, tenant);
    if (only.connection !== null) named(connections, only.connection);
    const slugs = new Map(connections.map(({ id, slug }) => [id, slug]));
    const links = (await listPrincipalLinks(tx, tenant)).filter(
      (link) =>
        (only.principal === null || link.principal === only.principal) &&
        (only.connection === null || slugs.get(link.connection) === only.connection),
    );
    const standings = new Map<string, readonly StandingRow[]>();
    const reports: JsonObject[] = [];
    for (const link of links) {
      const own = standings.get(link.principal) ?? (await standingsOfPrincipal(tx, tenant, link.principal));
      standings.set(link.principal, own);
      const standing = own.find(({ connection }) => connection === link.connection);
      reports.push(linkReport(link, slugs.get(link.connection) ?? '', standing));
    }
    return reports;
  });
}

const linkReport = (link: PrincipalLinkRow, connection: string, standing: StandingRow | undefined): JsonObject => ({
  principal: link.principal,
  connection,
  source_user: link.sourceUser,
  source_name: link.sourceName,
  attributes: link.attributes,
  linked_by: link.linkedBy,
  linked_at: link.linkedAt.toISOString(),
  rights: standing?.state ?? 'not_read',
  rights_read_at: standing?.readAt?.toISOString() ?? null,
});

/** Rights of whoever is new are read at once. */
async function keepLinks(
  { db, append, wake }: LinkDeps,
  tenant: TenantId,
  slug: string,
  links: readonly NewPrincipalLink[],
): Promise<void> {
  await db.tenantTx(
    tenant,
    async (tx) => {
      const { id } = named(await listConnections(tx, tenant), slug);
      const key = { tenant, connection: id };
      for (const link of links) await linkPrincipal(tx, key, link);
      const count = (await linksOfConnection(tx, key)).length;
      if (count > limits.linksPerConnectionMax) throw tooMany(slug, count);
      await wantAccessTurn(tx, key, tx.now);
      const entries = links.map(({ principal, sourceUser, linkedBy }) =>
        changeEntry({
          by: linkedBy,
          what: `who ${principal} is at ${slug}`,
          connection: slug,
          principal,
          after: sourceUser,
        }),
      );
      await append(tx, tenant, entries);
    },
    'access.link',
  );
  wake();
}

/** Whoever was erased is linked again by their name, on purpose, and not with all the others. */
async function withoutErased(
  db: Db,
  tenant: TenantId,
  pairs: Pairing['pairs'],
): Promise<{ readonly pairs: Pairing['pairs']; readonly erased: Pairing['pairs'] }> {
  const names = pairs.flatMap(({ principal, user }) => [principal, ...(user.email === null ? [] : [user.email])]);
  const gone = await db.tenantRead(tenant, (tx) => erasedPeople(tx, tenant, names));
  const isErased = ({ principal, user }: Pairing['pairs'][number]): boolean =>
    gone.has(principal) || (user.email !== null && gone.has(user.email));
  return { pairs: pairs.filter((pair) => !isErased(pair)), erased: pairs.filter(isErased) };
}

async function usersOf({ db, targets }: LinkDeps, tenant: TenantId, slug: string): Promise<SourceUser[]> {
  const { id } = named(await db.tenantRead(tenant, (tx) => listConnections(tx, tenant)), slug);
  const permissions = (await targets.ofConnection(tenant, id, 'interactive'))?.session.permissions;
  if (permissions?.listUsers === undefined) {
    throw new GantryError('user_list_unavailable', {
      message: `Nobody can say who the users of ${slug} are.`,
      where: 'connection',
    });
  }
  const users: SourceUser[] = [];
  for (let next: string | null = null, first = true; first || next !== null; first = false) {
    const page: Awaited<ReturnType<typeof permissions.listUsers>> = await permissions.listUsers(next);
    users.push(...page.users);
    next = page.next;
    if (users.length > limits.sourceUsersMax) break;
  }
  return users;
}

function named(connections: readonly ConnectionRow[], slug: string): ConnectionRow {
  const found = connections.find((each) => each.slug === slug);
  if (found !== undefined) return found;
  throw new GantryError('not_found', {
    message: `There is no connection "${slug.slice(0, 80)}".`,
    where: 'connection',
    suggestions: suggest(
      slug,
      connections.map((each) => each.slug),
    ),
  });
}

const notLinked = (principal: string, slug: string): GantryError =>
  new GantryError('not_found', {
    message: `"${principal.slice(0, 200)}" is not linked to a user of ${slug}.`,
    where: 'principal',
  });

const tooMany = (slug: string, count: number): GantryError =>
  new GantryError('principal_links_full', {
    message: `${slug} would have ${String(count)} linked users; a connection has at most ${String(limits.linksPerConnectionMax)}.`,
    where: 'connection',
  });

import { connectionChannel, listConnections, type Db } from '../../store/index.ts';
import { conditionOf, isReadable, type ConnectionState } from '../../connection/index.ts';
import { limits, tenantId, type Clock, type TenantId } from '../../kernel/index.ts';
import type { Answer, QueryService } from '../../query/index.ts';
import { createRecentlyUsed } from '../recently-used.ts';

/** By slug of the connection: what its data's readers must know. */
type Notes = ReadonlyMap<string, string>;

/** What is wrong with connections, remembered: every answer asks. */
export interface ConnectionNotes {
  of(tenant: TenantId): Promise<Notes>;
  /** Follows what any process tells; returns the way to stop. */
  follow(): Promise<() => Promise<void>>;
}

export function createConnectionNotes(db: Db, clock: Clock): ConnectionNotes {
  const known = createRecentlyUsed<TenantId, { readonly notes: Promise<Notes>; readonly untilMs: number }>(
    limits.cataloguesMax,
  );
  return {
    of: (tenant) => {
      const now = clock.monotonicMs();
      const present = known.get(tenant);
      if (present !== undefined && present.untilMs > now) return present.notes;
      const notes = readNotes(db, tenant);
      // A lost hint costs so much time.
      known.set(tenant, { notes, untilMs: now + limits.connectionNotesTtlMs });
      notes.catch(() => known.delete(tenant));
      return notes;
    },
    follow: () =>
      db.listen(
        connectionChannel,
        (payload) => known.delete(tenantId(Number(payload))),
        () => known.clear(),
      ),
  };
}

async function readNotes(db: Db, tenant: TenantId): Promise<Notes> {
  const rows = await db.tenantRead(tenant, (tx) => listConnections(tx, tenant));
  const notes = new Map<string, string>();
  for (const row of rows) {
    const state = row.state as ConnectionState;
    if (isReadable(state) || state === 'created' || state === 'authorising') continue;
    const { what, whoCanFix, code } = conditionOf(row, row.provider);
    const who = whoCanFix === null ? '' : ` ${whoText[whoCanFix]} can change that.`;
    notes.set(row.slug, `${row.slug} is not kept up to date (${code ?? `connection_${state}`}): ${what}${who}`);
  }
  return notes;
}

const whoText = {
  tenant_admin: 'An administrator of the customer',
  operator: "The product's operator",
  provider: 'The provider',
} as const;

/** Answers that touch data of a connection that stands still say so, and who can change it. */
export function warnOfConnections(service: QueryService, notes: ConnectionNotes): QueryService {
  const warned = async (tenant: TenantId, answer: Promise<Answer>): Promise<Answer> => {
    const given = await answer;
    // The database being away is no reason to keep back what the lens said.
    const known = await notes.of(tenant).catch(() => null);
    if (known === null || known.size === 0) return given;
    const slugs = new Set(given.sources.map(({ ref }) => ref.slice(0, ref.indexOf('/'))));
    const more = [...slugs].flatMap((slug) => known.get(slug) ?? []);
    return more.length === 0 ? given : { ...given, warnings: [...given.warnings, ...more] };
  };
  return {
    ...service,
    queryRecords: (caller, scope, request) => warned(caller.tenant, service.queryRecords(caller, scope, request)),
    querySql: (caller, scope, request) => warned(caller.tenant, service.querySql(caller, scope, request)),
    getRecord: (caller, scope, request) => warned(caller.tenant, service.getRecord(caller, scope, request)),
  };
}

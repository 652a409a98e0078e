import {
  rightsFrom,
  whoCanFix,
  type ConnectionFacts,
  type ObjectFacts,
  type StreamFacts,
  type StreamRights,
  type UnknownReason,
} from '../../access/index.ts';
import { limits, type ConnectionId, type JsonObject, type StreamId, type TenantId } from '../../kernel/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import {
  linksOfConnection,
  listAccess,
  listAccessStreams,
  listConnections,
  listStreams,
  objectStandingMarks,
  standingsOfConnection,
  type AccessKey,
  type ObjectStandingMark,
  type Tx,
} from '../../store/index.ts';
import { saidOf, streamFacts } from './read-rights.ts';

/** What is known of the users' rights to one object. */
interface ObjectAccess {
  /** Null: not planned yet. */
  readonly strategy: string | null;
  /** Of the users whose rights are known, the oldest; null: of nobody. */
  asOf: Date | null;
  withRights: number;
  readonly without: Map<UnknownReason, { users: number; readonly fix: string }>;
}

/**
 * Of each object in whose connection somebody is linked: how rights are
 * learned, how old they are, and how many users they are not known of, and why.
 * By the same rules by which questions are answered.
 */
export async function accessStatus(
  tx: Tx,
  { tenant, manifest }: { readonly tenant: TenantId; readonly manifest: Manifest | null },
): Promise<ReadonlyMap<StreamId, JsonObject>> {
  const states = new Map((await listAccess(tx, tenant)).map((row) => [row.connection, row.state]));
  const streams = await listStreams(tx, tenant);
  const found = new Map<StreamId, JsonObject>();
  for (const connection of await listConnections(tx, tenant)) {
    const key = { tenant, connection: connection.id };
    const links = await linksOfConnection(tx, key);
    if (links.length === 0) continue;
    const plans = new Map((await listAccessStreams(tx, key)).map((row) => [row.stream, row]));
    const own = streams
      .filter((row) => row.connection === connection.id && row.enabled)
      .map((row) => streamFacts(row, plans.get(row.id) ?? null, saidOf(manifest, connection, row.object)));
    const isRefused = states.get(connection.id) === 'refused';
    const known = await principalsOf(tx, key, { slug: connection.slug, links, isRefused });
    const reports = new Map(own.map((each) => [each.stream, emptyReport(each)]));
    for (const { principal, facts } of known) {
      const rights = rightsFrom({
        principal,
        now: tx.now,
        maxAgeMs: manifest?.access?.maxAgeMs ?? limits.accessMaxAgeMs,
        streams: own,
        connections: new Map<ConnectionId, ConnectionFacts>([[connection.id, facts]]),
      });
      for (const [stream, each] of rights.streams) count(reports.get(stream), each);
    }
    for (const [stream, report] of reports) found.set(stream, asJson(report, links.length));
  }
  return found;
}

const emptyReport = ({ said, plan }: StreamFacts): ObjectAccess => ({
  strategy: said?.kind ?? plan?.strategy ?? null,
  asOf: null,
  withRights: 0,
  without: new Map(),
});

function count(report: ObjectAccess | undefined, rights: StreamRights): void {
  if (report === undefined) return;
  if (rights.kind === 'known') {
    report.withRights += 1;
    if (report.asOf === null || rights.asOf < report.asOf) report.asOf = rights.asOf;
    return;
  }
  const same = report.without.get(rights.reason);
  // Of several the advice for the first: each has the same, but for the name.
  if (same === undefined) report.without.set(rights.reason, { users: 1, fix: rights.fix });
  else same.users += 1;
}

const asJson = ({ strategy, asOf, withRights, without }: ObjectAccess, linked: number): JsonObject => ({
  strategy,
  as_of: asOf?.toISOString() ?? null,
  linked_users: linked,
  with_rights: withRights,
  without: [...without].map(([reason, { users, fix }]) => ({ reason, users, who_can_fix: whoCanFix[reason], fix })),
});

async function principalsOf(
  tx: Tx,
  key: AccessKey,
  given: {
    readonly slug: string;
    readonly links: readonly { readonly principal: string }[];
    readonly isRefused: boolean;
  },
): Promise<{ readonly principal: string; readonly facts: ConnectionFacts }[]> {
  const { slug, links, isRefused } = given;
  const standings = new Map((await standingsOfConnection(tx, key)).map((row) => [row.principal, row]));
  const objects = new Map<string, Map<string, ObjectFacts>>();
  for (const mark of await objectStandingMarks(tx, key)) {
    const own = objects.get(mark.principal) ?? new Map<string, ObjectFacts>();
    objects.set(mark.principal, own.set(mark.object, markFacts(mark)));
  }
  return links.map(({ principal }) => {
    const standing = standings.get(principal);
    return {
      principal,
      facts: {
        slug,
        isRefused,
        isLinked: true,
        standing: standing === undefined ? null : { state: standing.state, readAt: standing.readAt },
        classes: NONE,
        ruleClasses: NONE,
        objects: objects.get(principal) ?? new Map(),
      },
    };
  });
}

/** Which records and fields are shown is not told here. */
const NONE: readonly number[] = [];
const NO_FIELDS: ReadonlySet<string> = new Set();

const markFacts = ({ readable, listedAt, doubtedAt }: ObjectStandingMark): ObjectFacts => ({
  readable,
  seesAll: false,
  fields: NO_FIELDS,
  listedAt,
  isDoubted: doubtedAt !== null,
});

import {
  canonicalJson,
  contentHash,
  type ConnectionId,
  type Json,
  type JsonObject,
  type StreamId,
} from '../kernel/index.ts';
import type { AccessRule, ObjectPermissions } from '../manifest/index.ts';
import type { KnownRights, PrincipalRights, RightsSource, StreamRights, UnknownReason } from './rights.ts';
import { isSameRule, ruleIn } from './rule.ts';

/** What rights of one principal follow from, as it is kept. Lists and sets that are equal are the same object. */
export interface RightsFacts {
  readonly principal: string;
  readonly now: Date;
  /** Rights that were read longer ago are not known any more. */
  readonly maxAgeMs: number;
  readonly streams: readonly StreamFacts[];
  readonly connections: ReadonlyMap<ConnectionId, ConnectionFacts>;
}

export interface StreamFacts {
  readonly stream: StreamId;
  readonly connection: ConnectionId;
  readonly object: string;
  /** By the manifest; null: as the provider tells. */
  readonly said: ObjectPermissions | null;
  /** How audiences are learned; null: not begun. */
  readonly plan: {
    readonly strategy: string;
    /** The rule that audiences are worked out by; null where it is none. */
    readonly rule: JsonObject | null;
    readonly why: string | null;
    /** All audiences are being worked out anew. */
    readonly isPassing: boolean;
    readonly settledAt: Date | null;
    readonly sharesAt: Date | null;
    /** A whole list of shares began then: only it tells of those that ended without a word. */
    readonly listedAt: Date | null;
  } | null;
}

export interface ConnectionFacts {
  readonly slug: string;
  /** The connection's user may not see who sees what. */
  readonly isRefused: boolean;
  readonly isLinked: boolean;
  /** State of the standing; null: not read. */
  readonly standing: { readonly state: string; readonly readAt: Date | null } | null;
  /** Classes that the standing meets, ascending, and those that rules give the link. */
  readonly classes: readonly number[];
  readonly ruleClasses: readonly number[];
  readonly objects: ReadonlyMap<string, ObjectFacts>;
}

export interface ObjectFacts {
  readonly readable: boolean;
  readonly seesAll: boolean;
  readonly fields: ReadonlySet<string>;
  readonly listedAt: Date | null;
  readonly isDoubted: boolean;
}

/** Pure. Whatever is not known is unknown, with a reason and with what can be done about it. */
export function rightsFrom(facts: RightsFacts): PrincipalRights {
  const streams = new Map<StreamId, StreamRights>();
  for (const each of facts.streams) {
    const connection = facts.connections.get(each.connection);
    if (connection !== undefined) streams.set(each.stream, rightsToStream(facts, each, connection));
  }
  return { principal: facts.principal, version: versionOf(streams), streams };
}

function rightsToStream(facts: RightsFacts, stream: StreamFacts, connection: ConnectionFacts): StreamRights {
  if (stream.said?.kind === 'everyone') {
    return { kind: 'known', by: 'everyone', classes: 'all', fields: 'all', asOf: facts.now };
  }
  if (!connection.isLinked) return unknown('not_linked', facts, connection);
  if (stream.said !== null) return byRule(facts, stream, stream.said, connection);
  return byProvider(facts, stream, connection);
}

/** A rule is the tenant's own, so that it has no age; until records are worked out by the one in force, nobody knows. */
function byRule(
  facts: RightsFacts,
  { plan }: StreamFacts,
  said: AccessRule,
  connection: ConnectionFacts,
): StreamRights {
  const isSettled = plan?.strategy === 'rule' && !plan.isPassing && plan.settledAt !== null;
  if (!isSettled || !isSameRule(ruleIn(plan.rule ?? {}), said)) {
    return unknown('not_read_yet', facts, connection);
  }
  return { kind: 'known', by: 'rule', classes: connection.ruleClasses, fields: 'all', asOf: facts.now };
}

const shownByProvider: ReadonlySet<string> = new Set<RightsSource>(['record', 'shares', 'as_user']);

function byProvider(facts: RightsFacts, { plan, object }: StreamFacts, connection: ConnectionFacts): StreamRights {
  const { standing } = connection;
  if (plan === null) return unknown(connection.isRefused ? 'refused' : 'not_read_yet', facts, connection);
  if (plan.strategy === 'none') return { kind: 'unknown', reason: 'not_told', fix: notTold(plan.why, object) };
  if (!shownByProvider.has(plan.strategy)) return unknown('not_read_yet', facts, connection);
  const reason = reasonIn(standing?.state ?? 'not_read');
  if (reason !== null) return unknown(reason, facts, connection);
  const own = connection.objects.get(object);
  const by = plan.strategy as RightsSource;
  const times = [standing?.readAt, ...timesOf(plan, own)];
  const asOf = oldest(times);
  // What may not be read at all has no records that could be too old.
  if (own === undefined || !own.readable) {
    const readAt = standing?.readAt ?? null;
    if (readAt === null) return unknown('not_read_yet', facts, connection);
    if (facts.now.getTime() - readAt.getTime() > facts.maxAgeMs) return unknown('too_old', facts, connection);
    return hidden(by, readAt);
  }
  if (asOf === null || own.isDoubted) return unknown('not_read_yet', facts, connection);
  if (facts.now.getTime() - asOf.getTime() > facts.maxAgeMs) return unknown('too_old', facts, connection);
  return { kind: 'known', by, classes: own.seesAll ? 'all' : connection.classes, fields: own.fields, asOf };
}

type Plan = NonNullable<StreamFacts['plan']>;

/** When each of the things was read that rights by this strategy follow from. */
function timesOf({ strategy, settledAt, sharesAt, listedAt }: Plan, own: ObjectFacts | undefined): (Date | null)[] {
  if (strategy === 'as_user') return [own?.listedAt ?? null];
  return strategy === 'shares' ? [settledAt, sharesAt, listedAt] : [settledAt];
}

/** Null: one of them was never read. */
function oldest(times: readonly (Date | null | undefined)[]): Date | null {
  let found: Date | null = null;
  for (const time of times) {
    if (time === null || time === undefined) return null;
    if (found === null || time < found) found = time;
  }
  return found;
}

const noFields: ReadonlySet<string> = new Set();
const noClasses: readonly number[] = [];

const hidden = (by: RightsSource, asOf: Date): KnownRights => ({
  kind: 'known',
  by,
  classes: noClasses,
  fields: noFields,
  asOf,
});

function reasonIn(state: string): UnknownReason | null {
  switch (state) {
    case 'fresh':
    case 'stale':
      return null;
    case 'inactive':
    case 'refused':
    case 'sign_in_needed':
      return state;
    default:
      return 'not_read_yet';
  }
}

function unknown(reason: UnknownReason, { principal }: RightsFacts, { slug }: ConnectionFacts): StreamRights {
  return { kind: 'unknown', reason, fix: fixes[reason](principal.slice(0, 200), slug) };
}

const fixes: Readonly<Record<UnknownReason, (principal: string, slug: string) => string>> = {
  not_linked: (principal, slug) =>
    `An operator says who "${principal}" is in ${slug} (gantry principals link), or the user signs in there.`,
  sign_in_needed: (principal, slug) =>
    `"${principal}" signs in to ${slug}: only the user's own sign-in tells what is shown.`,
  inactive: (principal, slug) =>
    `"${principal}" is not an active user of ${slug}: its administrator activates the user, or an operator links another one.`,
  not_read_yet: (_principal, slug) => `The rights in ${slug} are being read: ask again in a minute.`,
  too_old: (_principal, slug) =>
    `The rights in ${slug} could not be read for a while: an operator looks at the connection.`,
  refused: (_principal, slug) =>
    `The administrator of ${slug} lets the connected user see who may see what, or the project says it by \`permissions\`.`,
  not_told: (_principal, slug) => `The project says by \`permissions\` who is shown the records of ${slug}.`,
};

const notTold = (why: string | null, object: string): string =>
  `${why ?? 'The provider does not tell who is shown what.'} The project says by \`permissions\` of ${object} who is shown its records.`;

/** Of content only: that the same was read again later makes no other rights. */
function versionOf(streams: ReadonlyMap<StreamId, StreamRights>): string {
  const texts = new Map<object, string>();
  const textOf = (part: readonly number[] | ReadonlySet<string>): string => {
    const known = texts.get(part);
    if (known !== undefined) return known;
    const items: (number | string)[] = [...part];
    const text = contentHash(items.map(String).toSorted().join('\n'));
    texts.set(part, text);
    return text;
  };
  const parts = [...streams].map(([stream, rights]): Json => {
    if (rights.kind === 'unknown') return [stream, rights.reason, rights.fix];
    const { by, classes, fields } = rights;
    return [stream, by, classes === 'all' ? 'all' : textOf(classes), fields === 'all' ? 'all' : textOf(fields)];
  });
  return contentHash(canonicalJson(parts));
}

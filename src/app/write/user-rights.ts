import type {
  CallPurpose,
  SessionPermissions,
  SessionWrites,
  WriteOperation,
  WriteRight,
} from '../../connectors/index.ts';
import { GantryError, type Json, type TenantId } from '../../kernel/index.ts';
import type { WriteAs } from '../../manifest/index.ts';
import type { TenantStream } from '../../mapping/index.ts';
import { linksOfPrincipal, readAccess, type Db } from '../../store/index.ts';
import type { Targets } from '../sync/targets.ts';

export interface UserRightsDeps {
  readonly db: Db;
  readonly targets: Pick<Targets, 'ofConnection'>;
}

/** What is about to be written with the connection's sign-in, in a user's name. */
export interface UserWrites {
  readonly stream: TenantStream;
  /** As its integration has it. */
  readonly as: WriteAs;
  readonly principal: string;
  readonly operation: WriteOperation;
  /** `interactive` where somebody waits for the answer. */
  readonly purpose: CallPurpose;
  readonly writes: readonly UserWrite[];
}

export interface UserWrite {
  readonly recordId: string | null;
  /** Of an upsert. */
  readonly match: { readonly field: string; readonly value: Json } | null;
  readonly values: { readonly [field: string]: Json };
}

const MAY: WriteRight = { kind: 'may' };

/**
 * What the system itself says that the user may write there, in the order of
 * the writes. An integration may say that it is not asked (`write_as:
 * connection`). Raises `write_rights_unknown` where nobody can tell, with who
 * can change that, and what the connector raises.
 */
export async function userRights(
  deps: UserRightsDeps,
  tenant: TenantId,
  about: UserWrites,
): Promise<readonly WriteRight[]> {
  const { stream, principal, as } = about;
  if (as === 'connection') return about.writes.map(() => MAY);
  if (as === 'user') throw unknown('sign_in_needed', about);
  const session = (await deps.targets.ofConnection(tenant, stream.connection, about.purpose))?.session ?? null;
  if (session === null) throw unavailable(about);
  const { permissions, writes } = session;
  const mayWrite = permissions?.mayWrite?.bind(permissions);
  if (mayWrite === undefined) {
    throw unknown(permissions?.asUser === undefined ? 'not_told' : 'sign_in_needed', about);
  }
  const { link, facts } = await deps.db.tenantRead(tenant, async (tx) => ({
    link: (await linksOfPrincipal(tx, tenant, principal)).find((each) => each.connection === stream.connection),
    facts: (await readAccess(tx, { tenant, connection: stream.connection }))?.facts ?? null,
  }));
  if (link === undefined) throw unknown('not_linked', about);
  if (facts === null) throw unknown('not_read_yet', about);
  const parts = await partsOf(about, writes ?? null);
  const rights = new Map<UserWrite, WriteRight>();
  for (const { operation, own } of parts) {
    const answer = await asked(about, () =>
      mayWrite({
        user: link.sourceUser,
        object: stream.object,
        operation,
        writes: own.map(({ recordId, values }) => ({ recordId, values })),
        facts,
      }),
    );
    if (answer === null) throw unknown('inactive', about);
    for (const [at, { write }] of own.entries()) rights.set(write, answer[at] ?? NOT_TOLD);
  }
  return about.writes.map((write) => rights.get(write) ?? NOT_TOLD);
}

const NOT_TOLD: WriteRight = { kind: 'unknown', why: 'The system did not say.' };

interface Part {
  readonly operation: 'create' | 'update' | 'delete';
  readonly own: readonly {
    readonly write: UserWrite;
    readonly recordId: string | null;
    readonly values: UserWrite['values'];
  }[];
}

/** An upsert changes the record that has the value at this moment, or makes one. */
async function partsOf(
  { stream, operation, writes }: UserWrites,
  session: Pick<SessionWrites, 'findBy'> | null,
): Promise<readonly Part[]> {
  if (operation !== 'upsert') return [{ operation, own: writes.map((write) => ({ ...write, write })) }];
  const found = new Map<UserWrite, readonly string[]>();
  for (const field of new Set(writes.flatMap(({ match }) => match?.field ?? []))) {
    const own = writes.filter(({ match }) => match?.field === field);
    const values = own.flatMap(({ match }) => (match === null ? [] : [match.value]));
    const ids = await session?.findBy(stream.object, field, [...new Set(values)]);
    for (const write of own) found.set(write, ids?.get(write.match?.value ?? null) ?? []);
  }
  const here = writes.filter((write) => (found.get(write) ?? []).length > 0);
  const absent = writes.filter((write) => !here.includes(write));
  const changed = here.map((write) => ({ write, recordId: found.get(write)?.[0] ?? null, values: write.values }));
  const made = absent.map((write) => {
    const named = write.match === null ? {} : { [write.match.field]: write.match.value };
    return { write, recordId: null, values: { ...write.values, ...named } };
  });
  return [
    ...(changed.length === 0 ? [] : [{ operation: 'update' as const, own: changed }]),
    ...(made.length === 0 ? [] : [{ operation: 'create' as const, own: made }]),
  ];
}

type Answer = Awaited<ReturnType<NonNullable<SessionPermissions['mayWrite']>>>;

async function asked(about: UserWrites, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof GantryError) || error.code !== 'access_source_refused') throw error;
    throw unknown('refused', about, error.details.fix);
  }
}

type Reason = 'not_linked' | 'sign_in_needed' | 'not_told' | 'not_read_yet' | 'inactive' | 'refused';

interface Remedy {
  readonly who: 'operator' | 'end_user' | 'nobody' | 'product_team';
  readonly fix: (principal: string, slug: string) => string;
}

const remedies: Readonly<Record<Reason, Remedy>> = {
  not_linked: {
    who: 'operator',
    fix: (principal, slug) =>
      `An operator says who "${principal}" is in ${slug} (gantry principals link), or the user signs in there.`,
  },
  sign_in_needed: {
    who: 'end_user',
    fix: (principal, slug) => `"${principal}" signs in to ${slug}: it is written to with the user’s own sign-in.`,
  },
  not_told: {
    who: 'product_team',
    fix: (principal, slug) =>
      `${slug} tells nobody what "${principal}" may change: the project decides that it is written to all the same (\`scope: { write_as: connection }\`).`,
  },
  not_read_yet: {
    who: 'nobody',
    fix: (_principal, slug) => `The rights in ${slug} are being read: prepare it again in a minute.`,
  },
  inactive: {
    who: 'end_user',
    fix: (principal, slug) =>
      `"${principal}" is not an active user of ${slug}: its administrator activates the user, or an operator links another one.`,
  },
  refused: {
    who: 'end_user',
    fix: (_principal, slug) =>
      `The administrator of ${slug} lets the connected user see who may change what, or the user signs in there.`,
  },
};

function unknown(reason: Reason, { principal, stream }: UserWrites, told?: string): GantryError {
  const slug = stream.connectionSlug;
  const { who, fix } = remedies[reason];
  return new GantryError('write_rights_unknown', {
    message: `Nobody knows what the user may change in ${slug}, so nothing is written there in the user’s name.`,
    where: slug,
    fix: told ?? fix(principal.slice(0, 200), slug),
    data: { system: slug, reason, who },
  });
}

const unavailable = ({ stream: { connectionSlug } }: UserWrites): GantryError =>
  new GantryError('write_system_unavailable', {
    message: `${connectionSlug} cannot be asked now what the user may change there.`,
    where: connectionSlug,
  });

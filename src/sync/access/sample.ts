import { limits } from '../../kernel/index.ts';
import {
  doubtStanding,
  keepAccess,
  linksOfConnection,
  moveSample,
  objectStandingsOfConnection,
  readClasses,
  readSample,
  standingsOfConnection,
  trustStandings,
  visibleClasses,
  type Tx,
} from '../../store/index.ts';
import { keepInTurn, readKnown, type AccessObject, type TurnContext } from './turn-context.ts';

/**
 * The check of what was derived: a few records of an object are asked for as
 * one linked user. Where the provider shows less than Gantry, nothing of the
 * object is shown to that user before rights were read again.
 */
export async function sampleRights(context: TurnContext): Promise<void> {
  const { permissions, deps, key } = context;
  const { access, objects, now } = await readKnown(context);
  if (permissions?.visibleTo === undefined) return;
  if (access.sampledAt !== null && now.getTime() - access.sampledAt.getTime() < limits.accessSampleMs) return;
  const derived = objects.filter(({ strategy, settledAt }) => isDerived(strategy) && settledAt !== null);
  const object = pick(context, derived);
  const link = pick(context, await deps.db.tenantRead(key.tenant, (tx) => freshLinks(tx, context)));
  if (object === null || link === null) return;
  const sample = await deps.db.tenantRead(key.tenant, (tx) => shownHere(tx, context, object, link.principal));
  const ids = [...sample.keys()];
  const there = ids.length === 0 ? new Set<string>() : await permissions.visibleTo(link.sourceUser, object.schema, ids);
  await keepInTurn(context, 'access.keep_sample', async (tx, row) => {
    const stream = { tenant: key.tenant, stream: object.stream };
    await moveSample(tx, stream, ids.length < limits.accessSampleSize ? '' : (ids.at(-1) ?? ''));
    await keepAccess(tx, key.tenant, { ...row, sampledAt: tx.now });
    // What changed while it was asked for says nothing.
    const same = await readClasses(tx, stream, ids);
    const judged = [...sample].filter(([id, { acl }]) => same.get(id)?.acl === acl && same.get(id)?.deleted === false);
    const extra = judged.filter(([id, { shown }]) => shown && !there.has(id)).length;
    const missing = judged.filter(([id, { shown }]) => !shown && there.has(id)).length;
    if (extra + missing === 0) return;
    const { principal } = link;
    if (extra > 0) await doubtStanding(tx, { ...key, principal, object: object.object });
    deps.onEvent({ kind: 'access_disagreement', ...key, object: object.object, principal, extra, missing });
  });
}

const isDerived = (strategy: string): boolean => strategy === 'record' || strategy === 'shares';

function pick<Item>({ deps }: TurnContext, items: readonly Item[]): Item | null {
  const [byte = 0, other = 0] = deps.random.bytes(2);
  return items[(byte * 256 + other) % Math.max(items.length, 1)] ?? null;
}

async function freshLinks(tx: Tx, { key }: TurnContext): Promise<{ principal: string; sourceUser: string }[]> {
  const fresh = new Set(
    (await standingsOfConnection(tx, key)).flatMap((row) => (row.state === 'fresh' ? [row.principal] : [])),
  );
  return (await linksOfConnection(tx, key)).filter(({ principal }) => fresh.has(principal));
}

/** The next records of the object, with whether the principal is shown them here. */
async function shownHere(
  tx: Tx,
  { key }: TurnContext,
  object: AccessObject,
  principal: string,
): Promise<ReadonlyMap<string, { readonly acl: number | null; readonly shown: boolean }>> {
  const standing = (await standingsOfConnection(tx, key)).find((row) => row.principal === principal);
  const own = (await objectStandingsOfConnection(tx, key)).find(
    (row) => row.principal === principal && row.object === object.object,
  );
  const classes = new Set(await visibleClasses(tx, key, standing?.grantees ?? []));
  const records = await readSample(tx, { tenant: key.tenant, stream: object.stream }, limits.accessSampleSize);
  const isShown = (acl: number | null): boolean =>
    own?.readable === true && (own.seesAll || (acl !== null && classes.has(acl)));
  return new Map(records.map(({ id, acl }) => [id, { acl, shown: isShown(acl) }]));
}

/** Doubts end where everything that rights follow from was read since. */
export async function endDoubts(context: TurnContext): Promise<void> {
  const { objects, access } = await readKnown(context);
  const { standingsAt } = access;
  if (standingsAt === null) return;
  await keepInTurn(context, 'access.end_doubts', async (tx) => {
    for (const { object, strategy, sharesAt, listedAt, settledAt } of objects) {
      const times = [standingsAt, settledAt, ...(strategy === 'shares' ? [sharesAt, listedAt] : [])];
      if (!isDerived(strategy) || times.some((time) => time === null)) continue;
      const oldest = times.map((time) => time?.getTime() ?? 0).toSorted((a, b) => a - b)[0] ?? 0;
      await trustStandings(tx, context.key, object, new Date(oldest));
    }
  });
}

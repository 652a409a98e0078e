import type { StreamId, TenantId } from '../kernel/index.ts';
import { classMembers, internClasses, type AccessKey } from './access-classes.ts';
import { childrenOf, readClassParts, setClasses, type ClassParts } from './access-records.ts';
import type { Tx } from './db.ts';

// Deeper than any provider's objects follow each other; ends rings.
const generationsMax = 12;
const portion = 1_000;

/**
 * Gives records the class that follows from what is known: their own part,
 * shares that count, and the parent that they follow; then those that follow
 * them, in the same transaction, so that nobody sees through a child what its
 * parent hides. The caller holds the connection's lock (`lockAccess`).
 */
export async function settleClasses(
  tx: Tx,
  key: AccessKey,
  stream: StreamId,
  ids: readonly string[],
  generation = 0,
): Promise<void> {
  for (let start = 0; start < ids.length; start += portion) {
    const changed = await settlePortion(tx, key, stream, ids.slice(start, start + portion));
    await settleChildren(tx, key, stream, changed, generation);
  }
}

/** The classes of these records changed: those that follow them follow. */
export async function settleChildren(
  tx: Tx,
  key: AccessKey,
  stream: StreamId,
  parents: readonly string[],
  generation = 0,
): Promise<void> {
  if (generation >= generationsMax) return;
  const byStream = new Map<StreamId, string[]>();
  for (const child of await childrenOf(tx, { tenant: key.tenant, stream }, parents)) {
    const list = byStream.get(child.stream);
    if (list === undefined) byStream.set(child.stream, [child.id]);
    else list.push(child.id);
  }
  for (const [childStream, ids] of byStream) await settleClasses(tx, key, childStream, ids, generation + 1);
}

async function settlePortion(tx: Tx, key: AccessKey, stream: StreamId, ids: readonly string[]): Promise<string[]> {
  const at: { tenant: TenantId; stream: StreamId } = { tenant: key.tenant, stream };
  const parts = await readClassParts(tx, at, ids);
  const joined = parts.filter(isJoined);
  const members = await classMembers(tx, key, [...new Set(joined.flatMap(classesOf))]);
  const audiences = joined.map((part) => [
    ...classesOf(part).flatMap((each) => members.get(each) ?? []),
    ...(part.shares ?? []),
  ]);
  const classes = await internClasses(tx, key, audiences);
  const settled = new Map<string, number | null>();
  for (const part of parts) settled.set(part.id, classesOf(part)[0] ?? null);
  joined.forEach(({ id }, index) => settled.set(id, classes[index] ?? null));
  return setClasses(tx, at, settled);
}

/** More than one class taken as it is. Without an own part and a parent nothing is known, whatever the shares say. */
function isJoined(part: ClassParts): boolean {
  const classes = classesOf(part).length;
  return classes > 1 || (classes === 1 && part.shares !== null);
}

const classesOf = ({ own, parents }: ClassParts): number[] => [
  ...new Set([...(own === null ? [] : [own]), ...(parents ?? [])]),
];

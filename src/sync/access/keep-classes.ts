import type { StreamId } from '../../kernel/index.ts';
import type { Audience } from '../../connectors/index.ts';
import {
  internClasses,
  recordsNamed,
  setOwnClasses,
  setParents,
  sharesNamed,
  settleClasses,
  type AccessKey,
  type AccessStreamRow,
  type ParentPointer,
  type Tx,
} from '../../store/index.ts';

/** Audiences of records, as classes: what follows from each record itself, and what else it follows. */
export interface JudgedClasses {
  /** Null: nothing is known. */
  readonly own: ReadonlyMap<string, number | null>;
  readonly parents: readonly ParentPointer[];
}

/** The caller holds the connection's lock. `streams`: all of the connection, so that parents are found by object. */
export async function classesOf(
  tx: Tx,
  key: AccessKey,
  streams: readonly AccessStreamRow[],
  audiences: ReadonlyMap<string, Audience | null>,
): Promise<JudgedClasses> {
  const streamOf = new Map(streams.map(({ object, stream }) => [object, stream]));
  const parents = [...audiences].flatMap(([id, audience]) => pointersOf(id, audience, streamOf));
  const pointed = new Set(parents.filter(({ parentStream }) => parentStream !== sharesNamed).map(({ id }) => id));
  // Whom a record follows is enough to know: without grantees of its own it has no own class then.
  const named = [...audiences].flatMap(([id, audience]) =>
    audience === null || (audience.grantees.length === 0 && pointed.has(id))
      ? []
      : [{ id, grantees: audience.grantees }],
  );
  const classes = await internClasses(
    tx,
    key,
    named.map(({ grantees }) => grantees),
  );
  const own = new Map<string, number | null>([...audiences.keys()].map((id) => [id, null]));
  named.forEach(({ id }, index) => own.set(id, classes[index] ?? null));
  return { own, parents };
}

/** An object that is not read here cannot be followed: what it would add is not known. */
function pointersOf(id: string, audience: Audience | null, streamOf: ReadonlyMap<string, StreamId>): ParentPointer[] {
  if (audience === null) return [];
  const followed = (audience.sameAs ?? []).flatMap(({ object, id: parentId }) => {
    const parentStream = streamOf.get(object);
    return parentStream === undefined ? [] : [{ id, parentStream, parentId }];
  });
  const { sharesOf } = audience;
  return sharesOf === undefined ? followed : [...followed, { id, parentStream: sharesNamed, parentId: sharesOf }];
}

/** Kept records get the classes that were worked out for them, with all that follows from it. */
export async function keepClasses(
  tx: Tx,
  key: AccessKey,
  stream: StreamId,
  { own, parents }: JudgedClasses,
): Promise<void> {
  const ids = [...own.keys()];
  const at = { tenant: key.tenant, stream };
  await setOwnClasses(tx, at, own);
  await setParents(tx, at, ids, parents);
  await settleClasses(tx, key, stream, ids);
}

/** Shares of these names (a record's own id is its name, too) are not what they were: whoever they count for is settled anew. */
export async function settleNamed(tx: Tx, key: AccessKey, stream: StreamId, names: readonly string[]): Promise<void> {
  await settleClasses(tx, key, stream, await recordsNamed(tx, { tenant: key.tenant, stream }, names));
}

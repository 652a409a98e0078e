import { limits } from '../../kernel/index.ts';
import {
  classMembers,
  internClasses,
  queuedAmong,
  recordsAfter,
  setClasses,
  settleChildren,
  type RecordOfClass,
} from '../../store/index.ts';
import { keepInTurn, type AccessObject, type TurnContext } from './turn-context.ts';

/** All that a linked user is shown of an object. */
export interface OwnList {
  readonly principal: string;
  readonly grantee: string;
  readonly ids: ReadonlySet<string>;
  /** Before it was asked for. */
  readonly askedAt: Date;
}

/** Each record is shown to those of these users who were shown it in their list, and as before to all others. */
export async function settleOwnLists(
  context: TurnContext,
  object: AccessObject,
  lists: readonly OwnList[],
): Promise<void> {
  let after: string | null = lists.length === 0 ? null : '';
  while (after !== null) after = await settlePortion(context, object, lists, after);
}

/** Returns the place to go on after; null: all were looked at. */
function settlePortion(
  context: TurnContext,
  object: AccessObject,
  lists: readonly OwnList[],
  afterId: string,
): Promise<string | null> {
  const { key } = context;
  const stream = { tenant: key.tenant, stream: object.stream };
  return keepInTurn(context, 'access.settle_own_lists', async (tx) => {
    const records = await recordsAfter(tx, stream, { afterId, limit: limits.accessPortion });
    const classes = [...new Set(records.flatMap(({ acl }) => acl ?? []))];
    const members = new Map(
      [...(await classMembers(tx, key, classes))].map(([acl, grantees]) => [acl, new Set(grantees)]),
    );
    const moved = records.flatMap((record) => moveOf(record, members, lists) ?? []);
    // What changed since may be of before the change in a list: it is asked for by itself.
    const waiting = await queuedAmong(
      tx,
      stream,
      moved.map(({ id }) => id),
    );
    const audiences = new Map<string, readonly string[]>();
    const named = moved.map(({ id, acl, shown, hidden }) => {
      const added = waiting.has(id) ? [] : shown;
      const name = `${String(acl)} ${added.join(' ')} - ${hidden.join(' ')}`;
      const gone = new Set(hidden);
      if (!audiences.has(name)) {
        const kept = [...(members.get(acl ?? -1) ?? [])].filter((grantee) => !gone.has(grantee));
        audiences.set(name, [...kept, ...added]);
      }
      return { id, name, isSame: added.length + hidden.length === 0 };
    });
    const numbers = await internClasses(tx, key, [...audiences.values()]);
    const numberOf = new Map([...audiences.keys()].map((name, at) => [name, numbers[at] ?? null]));
    const wanted = named.flatMap(({ id, name, isSame }) => (isSame ? [] : [[id, numberOf.get(name) ?? null] as const]));
    await settleChildren(tx, key, object.stream, await setClasses(tx, stream, new Map(wanted)));
    return records.length < limits.accessPortion ? null : (records.at(-1)?.id ?? null);
  });
}

interface Move {
  readonly id: string;
  readonly acl: number | null;
  readonly shown: readonly string[];
  readonly hidden: readonly string[];
}

/** Null: the record is shown to those who were shown it before. */
function moveOf(
  { id, acl }: RecordOfClass,
  members: ReadonlyMap<number, ReadonlySet<string>>,
  lists: readonly OwnList[],
): Move | null {
  const before = acl === null ? undefined : members.get(acl);
  const shown: string[] = [];
  const hidden: string[] = [];
  for (const { grantee, ids } of lists) {
    const isShown = ids.has(id);
    if (isShown === (before?.has(grantee) ?? false)) continue;
    (isShown ? shown : hidden).push(grantee);
  }
  return shown.length + hidden.length === 0 ? null : { id, acl, shown, hidden };
}

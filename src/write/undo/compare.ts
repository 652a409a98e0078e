import type { RecordImage, WayAnswer, WriteOperation } from '../../connectors/index.ts';
import type { Json } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import { equal, isEmpty } from '../images.ts';
import type { RecordChain } from './chain.ts';
import type { Sight } from './sight.ts';
import type { UndoRequest } from './types.ts';

/**
 * One field, three ways: what stood there before, what we made of it, what is there now.
 *
 * - restored: it is as we left it, and goes back
 * - already_so: it is as it was before
 * - conflict: somebody has changed it since
 * - impossible: it cannot be written
 */
export interface FieldVerdict {
  readonly field: string;
  readonly label: string;
  readonly verdict: 'restored' | 'already_so' | 'conflict' | 'impossible';
  readonly before: Json;
  readonly ours: Json;
  readonly now: Json;
  /** Whoever asks is not shown what stands there: it is compared, and not told. */
  readonly hidden?: boolean;
}

/** What taking back means for a record. `why`: of one where nothing can be done; for people. */
export interface RecordVerdict {
  readonly chain: RecordChain;
  readonly action: Exclude<WriteOperation, 'upsert'> | 'none' | 'impossible';
  readonly why: string | null;
  readonly fields: readonly FieldVerdict[];
  /** Of a record that goes: what stands in fields that we did not write. */
  readonly beside?: RecordImage['values'];
}

/** What is set where it is taken back: what stood there before, in fields that are as we left them, or are overwritten. */
export const valuesTakenBack = (
  { fields }: Pick<RecordVerdict, 'fields'>,
  conflicts: UndoRequest['conflicts'],
): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    fields
      .filter(({ verdict }) => verdict === 'restored' || (verdict === 'conflict' && conflicts === 'overwrite'))
      .map(({ field, before }) => [field, before]),
  );

export type Ways = (operation: WriteOperation) => WayAnswer;

export interface Present {
  /** As it stands there at this moment; null or missing: it does not. */
  readonly now: RecordImage | null;
  readonly object: NativeObject;
  readonly ways: Ways;
  /** It was brought back by something else, and stands there under another id. Absent: not. */
  readonly isBack?: boolean;
}

/** Pure. */
export function compareRecord(chain: RecordChain, { now, object, ways, isBack = false }: Present): RecordVerdict {
  const is = now === null || now.missing ? null : now;
  const none = (why: string): RecordVerdict => ({ chain, action: 'none', why, fields: [] });
  const impossible = (why: string): RecordVerdict => ({ chain, action: 'impossible', why, fields: [] });
  if (!chain.existedBefore && (is === null || !chain.existsAfter)) return none('It is not there any more.');
  if (chain.existedBefore && chain.existsAfter && is === null) {
    return impossible('Somebody has deleted it since; bringing it back is not taking our change back.');
  }
  if (chain.existedBefore && is === null && isBack) return none('It was brought back before, under another id.');
  if (chain.final) return impossible('The system has no way back from it.');
  const action = chain.existedBefore ? (is === null ? 'create' : 'update') : 'delete';
  const way = ways(action);
  if (way.kind === 'no_way') return impossible(way.why);
  if (action === 'create') return { chain, action, why: null, fields: bornAgain(chain, object) };
  const fields = fieldsOf(chain, is, object);
  if (action === 'delete') {
    return { chain, action, why: null, ...goesWhole(chain, is, { object, fields }) };
  }
  const open = fields.some(({ verdict }) => verdict === 'restored' || verdict === 'conflict');
  if (open) return { chain, action, why: null, fields };
  const stuck = fields.some(({ verdict }) => verdict === 'impossible');
  return {
    chain,
    action: stuck ? 'impossible' : 'none',
    why: stuck ? 'What is not as it was cannot be written.' : 'It is as it was before.',
    fields,
  };
}

/** Pure: the verdict as whoever asks may be told of it. */
export function asSeen(verdict: RecordVerdict, { fields, hides }: Sight, object: NativeObject): RecordVerdict {
  // With what the user is not shown it cannot be made anew in their name, and without it would be another record.
  if (verdict.action === 'create' && object.fields.some(({ name, writable }) => writable && hides(name))) {
    return unseen(verdict.chain, 'It had fields that you are not shown: somebody who is has to bring it back.');
  }
  // What stands in it would tell whether somebody has filled it in since; deleted unseen, that would be gone.
  if (verdict.action === 'delete' && object.fields.some(({ name, writable }) => writable && hides(name))) {
    return unseen(verdict.chain, 'It may hold what you are not shown: somebody who is has to take it back.');
  }
  return {
    ...verdict,
    fields: verdict.fields.map((each) => (fields.has(each.field) ? each : { ...each, hidden: true })),
  };
}

/**
 * Pure: why nothing of it may be told to whoever asks, not even whether it has changed since; null: it may. Nothing is
 * asked about it either.
 */
export function whyUnseen({ existsAfter, recordId, after }: RecordChain, { records, hides }: Sight): string | null {
  // One that was deleted is shown to nobody; it was when that was planned.
  if (existsAfter && !records.has(recordId)) return NOT_SHOWN;
  return Object.keys(after).some(hides) ? PARTS_NOT_SHOWN : null;
}

const NOT_SHOWN = 'You are not shown it any more, or not yet: somebody who is has to take it back.';
const PARTS_NOT_SHOWN = 'It is about fields that you are not shown any more: somebody who is has to take it back.';

export const unseen = (chain: RecordChain, why: string): RecordVerdict => ({
  chain,
  action: 'impossible',
  why,
  fields: [],
});

function fieldsOf(chain: RecordChain, is: RecordImage | null, object: NativeObject): FieldVerdict[] {
  return Object.keys(chain.after).map((field) => {
    const native = object.fields.find(({ name }) => name === field);
    const before = chain.before[field] ?? null;
    const ours = chain.after[field] ?? null;
    const now = is?.values[field] ?? null;
    const label = native?.label ?? field;
    const three = { field, label, before, ours, now };
    // A record that we have brought back is as it was, whatever others have made of it then.
    if (equal(now, before) || (chain.isBack === true && equal(ours, before)))
      return { ...three, verdict: 'already_so' };
    if (native === undefined || !native.writable) return { ...three, verdict: 'impossible' };
    return { ...three, verdict: equal(now, ours) ? 'restored' : 'conflict' };
  });
}

/**
 * A record that we made goes whole: only what others have put into it since
 * stands in the way, in fields that we did not write as well. What the provider
 * filled in at once was there right after. Where that was not read, the version
 * tells that something has changed, and not what.
 */
function goesWhole(
  chain: RecordChain,
  is: RecordImage | null,
  { object, fields }: { readonly object: NativeObject; readonly fields: readonly FieldVerdict[] },
): Pick<RecordVerdict, 'fields' | 'beside'> {
  const own = changedSince(fields);
  const { made, version = null } = chain;
  if (is === null) return { fields: own };
  const others = object.fields.filter(({ name, writable }) => writable && !(name in chain.after));
  const beside = Object.fromEntries(others.map(({ name }) => [name, is.values[name] ?? null]));
  if (others.length === 0) return { fields: own };
  const read = others.filter(({ name }) => made !== undefined && name in made);
  const theirs = read.flatMap(({ name, label }): FieldVerdict[] => {
    const [was, now] = [made?.[name] ?? null, beside[name] ?? null];
    if (holdsNothing(now) || equal(now, was)) return [];
    return [{ field: name, label, verdict: 'conflict', before: null, ours: was, now }];
  });
  const all = [...own, ...theirs];
  const isSame = version === null || is.version === null || version === is.version;
  if (read.length === others.length || isSame) return { fields: all, beside };
  const changed = { field: wholeRecord, label: 'The version of the record', before: null, ours: version };
  return { fields: [...all, { ...changed, verdict: 'conflict', now: is.version }], beside };
}

const holdsNothing = (value: Json): boolean =>
  value === null || isEmpty(value) || (Array.isArray(value) && value.length === 0);

/** Stands for a field where it is only known that something of the record has changed. */
export const wholeRecord = '*';

const changedSince = (fields: readonly FieldVerdict[]): FieldVerdict[] =>
  fields.map((each) => ({ ...each, verdict: equal(each.now, each.ours) ? 'restored' : 'conflict' }));

/** A record that was deleted comes back as a new one, with what it said. */
function bornAgain({ before }: RecordChain, object: NativeObject): FieldVerdict[] {
  return object.fields.flatMap(({ name, label, writable }): FieldVerdict[] => {
    const value = before[name] ?? null;
    if (value === null || !writable) return [];
    return [{ field: name, label, verdict: 'restored', before: value, ours: null, now: null }];
  });
}

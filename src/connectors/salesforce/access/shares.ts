import { GantryError, isJsonObject, type Json } from '../../../kernel/index.ts';
import type { NativeField, NativeObject } from '../../../schema/index.ts';
import type { Cursor, IdPage, NativeRecord } from '../../contract.ts';
import { idAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { AccessFacts, Share, SharePage } from '../../permissions.ts';
import { readKeysetPage } from '../read-keyset.ts';
import { rowsSoql } from '../soql.ts';
import { objectFacts, type ObjectFacts } from './facts.ts';
import { isSourceRefused, queried } from './org-rows.ts';
import { granteeOf, sharesOfAccount } from './sharing-model.ts';
import { accountLevelOf, shareObjectOf } from './standard-objects.ts';

/** The record itself names its owner. */
const NOT_OWNERS = "RowCause != 'Owner'";
const IDS_MAX = 2_000;
/** In front of the id of a share that is the account's, not the record's own. */
const OF_ACCOUNT = 'account:';

type Shared = ObjectFacts & { readonly share: NonNullable<ObjectFacts['share']> };

/**
 * Shares in the order of their last change, those in the recycle bin as ended
 * (Object Reference, AccountShare and others). Most ends leave no trace: the
 * list of ids tells of them. Cases, contacts and opportunities have two
 * sources: their own shares, and those of accounts.
 */
export async function readShares(
  context: SessionContext,
  object: NativeObject,
  cursor: Cursor | null,
  facts: AccessFacts,
): Promise<SharePage> {
  const shared = sharedOf(object, facts);
  const place = placeIn(object, cursor);
  const meaning = meaningOf(shared);
  if (place.meaning !== null && place.meaning !== meaning) {
    throw new GantryError('cursor_expired', {
      message: `Shares of "${object.name}" now reach other people than when they were read.`,
    });
  }
  const own = await readKeysetPage(context, { object: ownShares(shared), cursor: place.own }, NOT_OWNERS);
  const shares = own.records.flatMap((record) => ownShare(record, shared) ?? []);
  const { readAt } = own;
  if (own.more || shared.accountLevel === null) {
    return { shares, cursor: { own: own.cursor, account: place.account, meaning }, more: own.more, readAt };
  }
  const level = shared.accountLevel;
  const account = await readKeysetPage(context, { object: accountShares(level), cursor: place.account });
  shares.push(...account.records.flatMap((record) => accountShare(record, shared, level) ?? []));
  return { shares, cursor: { own: own.cursor, account: account.cursor, meaning }, more: account.more, readAt };
}

/** Ids of the shares that there are: own ones first, owners' left out, then those of accounts that open such records. */
export async function listShareIds(
  context: SessionContext,
  object: NativeObject,
  afterId: string | null,
): Promise<IdPage> {
  const level = accountLevelOf(object.name);
  if (afterId?.startsWith(OF_ACCOUNT) === true) {
    return level === null ? NONE : accountShareIds(context, level, afterId.slice(OF_ACCOUNT.length));
  }
  const own = await idsOf(context, shareObjectOf(object.name), NOT_OWNERS, afterId);
  if (own.more || level === null) return own;
  const account = await accountShareIds(context, level, null);
  return { ids: [...own.ids, ...account.ids], more: account.more };
}

const NONE: IdPage = { ids: [], more: false };

async function accountShareIds(context: SessionContext, level: string, afterId: string | null): Promise<IdPage> {
  try {
    const { ids, more } = await idsOf(context, 'AccountShare', `${level} != '${NO_ACCESS}'`, afterId);
    return { ids: ids.map((id) => `${OF_ACCOUNT}${id}`), more };
  } catch (error) {
    // No such object, no such shares.
    if (isSourceRefused(error)) return NONE;
    throw error;
  }
}

async function idsOf(context: SessionContext, name: string, only: string, after: string | null): Promise<IdPage> {
  const soql = rowsSoql({ object: name, fields: ['Id'], only, after, limit: IDS_MAX });
  const rows = await queried(context, soql, name);
  return { ids: rows.map((row) => idAt(row, 'Id', name)), more: rows.length >= IDS_MAX };
}

function sharedOf(object: NativeObject, facts: AccessFacts): Shared {
  const known = objectFacts(facts, object.name);
  if (known === null || known.share === null) throw new Error(`${object.name} is not an object with shares`);
  return { ...known, share: known.share };
}

/** Whom a share reaches, and which there are; where that changes, they are read anew. */
const meaningOf = ({ hierarchy, accountLevel, tag }: Shared): string =>
  `${hierarchy ? 'line' : 'alone'} ${accountLevel ?? ''} ${tag ?? ''}`;

interface Place {
  readonly own: Cursor | null;
  readonly account: Cursor | null;
  readonly meaning: string | null;
}

function placeIn(object: NativeObject, cursor: Cursor | null): Place {
  if (cursor === null) return { own: null, account: null, meaning: null };
  const { own, account, meaning } = cursor;
  const isPlace = (value: Json | undefined): value is Cursor | null =>
    value === null || (value !== undefined && isJsonObject(value));
  if (isPlace(own) && isPlace(account) && typeof meaning === 'string') return { own, account, meaning };
  throw new GantryError('cursor_expired', {
    message: `The stored place in the shares of "${object.name}" has another form.`,
  });
}

const ownShares = ({ share }: Shared): NativeObject => shareObject(share.object, [share.parent]);

const accountShares = (level: string): NativeObject => shareObject('AccountShare', ['AccountId', level]);

/** What is read of shares, in the form in which records are read. */
function shareObject(name: string, more: readonly string[]): NativeObject {
  const field = (fieldName: string, type: NativeField['type']): NativeField => ({
    name: fieldName,
    label: fieldName,
    type,
    nativeType: type,
    nullable: true,
    custom: false,
    writable: false,
  });
  return {
    name,
    label: name,
    custom: false,
    idField: 'Id',
    linkTemplate: null,
    fields: [
      field('Id', 'id'),
      field('LastModifiedDate', 'datetime'),
      field('IsDeleted', 'boolean'),
      field('UserOrGroupId', 'reference'),
      ...more.map((each) => field(each, 'string')),
    ],
  };
}

/** Null: a share that says too little is none. */
function ownShare({ id, deleted, values }: NativeRecord, shared: Shared): Share | null {
  if (deleted) return ended(id);
  const recordId = textAt(values, shared.share.parent);
  const grantee = textAt(values, 'UserOrGroupId');
  if (recordId === null || grantee === null) return null;
  return { id, recordId, grantee: granteeOf(grantee, shared), ended: false };
}

/** The owner's own share of an account counts: it says what the owner's role is shown of other people's records. */
function accountShare(record: NativeRecord, shared: Shared, level: string): Share | null {
  const { deleted, values } = record;
  const id = `${OF_ACCOUNT}${record.id}`;
  const given = textAt(values, level);
  if (deleted || given === null || given === NO_ACCESS) return ended(id);
  const account = textAt(values, 'AccountId');
  const grantee = textAt(values, 'UserOrGroupId');
  if (account === null || grantee === null) return null;
  return { id, recordId: sharesOfAccount(account), grantee: granteeOf(grantee, shared), ended: false };
}

const NO_ACCESS = 'None';

const ended = (id: string): Share => ({ id, recordId: '', grantee: '', ended: true });

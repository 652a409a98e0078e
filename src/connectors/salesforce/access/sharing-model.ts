import type { NativeObject } from '../../../schema/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { NativeRecord } from '../../contract.ts';
import {
  sharesOfRecord,
  type AccessFacts,
  type AccessStrategy,
  type Audience,
  type Grantee,
} from '../../permissions.ts';
import { activityTargets, objectFacts, objectOfId, type ObjectFacts } from './facts.ts';
import { aloneOf, everyone, lineOf } from './org-chart.ts';
import { hasOtherRules, isOpenToAll } from './standard-objects.ts';

/** Defaults with which every internal user who may read the object is shown every record (Metadata API, SharingModel). */
const PUBLIC = new Set(['Read', 'ReadSelect', 'ReadWrite', 'ReadWriteTransfer', 'FullAccess']);
const BY_PARENT = new Set(['ControlledByParent', 'ControlledByCampaign']);

export type Model = 'public' | 'by_parent' | 'private' | 'unknown';

export function strategyOf(object: NativeObject, facts: AccessFacts): AccessStrategy {
  const known = objectFacts(facts, object.name);
  if (known === null) return { kind: 'none', why: `The sharing settings of ${object.label} have not been read yet.` };
  if (known.restricted) {
    return {
      kind: 'none',
      why: `A restriction rule narrows who is shown ${object.label}, and Salesforce does not tell whom it leaves out.`,
    };
  }
  if (hasOtherRules(object.name)) {
    return { kind: 'none', why: `${object.label} are shown by rules of their own, which are not read.` };
  }
  switch (modelOf(object.name, known)) {
    case 'public':
      return { kind: 'record' };
    case 'by_parent':
      return known.parents.length === 1 || isActivity(object.name)
        ? { kind: 'record' }
        : { kind: 'none', why: `${object.label} are shown to whoever is shown several other records at once.` };
    case 'private':
      if (known.share !== null) return { kind: 'shares' };
      // Without shares only the owner and whoever stands above are shown it.
      if (known.owned || object.name === 'User') return { kind: 'record' };
      return { kind: 'none', why: `${object.label} have no owner, and Salesforce tells of no shares.` };
    case 'unknown':
      return { kind: 'none', why: `Salesforce does not tell by which default ${object.label} are shared.` };
  }
}

/** Owner, default and parent; what shares add is read beside the records. */
export function audienceOf(object: NativeObject, record: NativeRecord, facts: AccessFacts): Audience | null {
  const known = objectFacts(facts, object.name);
  if (known === null || record.deleted || strategyOf(object, facts).kind === 'none') return null;
  const owner = ownerOf(object, record);
  // A contact of no account is its owner's alone, whatever the default (help, "Organization-Wide Sharing Defaults").
  if (object.name === 'Contact' && textAt(record.values, 'AccountId') === null) {
    return owner === null ? null : { grantees: [tagged(known, aloneOf(owner))] };
  }
  switch (modelOf(object.name, known)) {
    case 'public':
      return { grantees: [tagged(known, everyone)] };
    case 'by_parent':
      return isActivity(object.name) ? activityAudience(record, facts, known) : parentAudience(record, known);
    case 'private':
      if (isActivity(object.name)) return activityAudience(record, facts, known);
      return owner === null ? null : { grantees: [granteeOf(owner, known)], ...givenWithAccount(record, known) };
    case 'unknown':
      return null;
  }
}

/** Names the shares of the record's account, of which some open the record, too (shares.ts). */
function givenWithAccount(record: NativeRecord, { accountLevel }: ObjectFacts): Pick<Audience, 'sharesOf'> {
  const account = textAt(record.values, 'AccountId');
  return accountLevel === null || account === null ? {} : { sharesOf: sharesOfAccount(account) };
}

export const sharesOfAccount = (id: string): string => sharesOfRecord('Account', id);

/** A user or a group, with whoever stands above where the object grants by hierarchies. */
export const granteeOf = (id: string, facts: ObjectFacts): Grantee =>
  tagged(facts, facts.hierarchy ? lineOf(id) : aloneOf(id));

const tagged = ({ tag }: ObjectFacts, grantee: Grantee): Grantee => (tag === null ? grantee : taggedWith(tag, grantee));

export const taggedWith = (tag: string, grantee: Grantee): Grantee => `${tag}/${grantee}`;

/** Who is shown all records of an object: no grantee of the records, but of activities about them. */
export const allOf = (object: string): Grantee => `all/${object}`;

export function modelOf(object: string, { model, parents }: ObjectFacts): Model {
  if (model !== null && PUBLIC.has(model)) return 'public';
  if (model !== null && BY_PARENT.has(model)) return 'by_parent';
  if (model === 'Private') return 'private';
  if (model !== null) return 'unknown';
  if (isOpenToAll(object)) return 'public';
  return parents.length > 0 ? 'by_parent' : 'unknown';
}

/** Users own themselves. */
const ownerOf = (object: NativeObject, record: NativeRecord): string | null =>
  object.name === 'User' ? record.id : textAt(record.values, 'OwnerId');

function parentAudience(record: NativeRecord, { parents }: ObjectFacts): Audience | null {
  const [parent] = parents;
  const id = parent === undefined ? null : textAt(record.values, parent.field);
  return parent === undefined || id === null ? null : { grantees: [], sameAs: [{ object: parent.object, id }] };
}

export const isActivity = (object: string): boolean => object === 'Task' || object === 'Event';

/**
 * Whoever it is assigned to, whoever stands above that user, and whoever is
 * shown one of the records that it is about (help, "Considerations for access to activities").
 */
function activityAudience(record: NativeRecord, facts: AccessFacts, known: ObjectFacts): Audience | null {
  const owner = textAt(record.values, 'OwnerId');
  // A private event is its owner's alone (Object Reference, Event, IsPrivate).
  if (record.values['IsPrivate'] === true) return owner === null ? null : { grantees: [aloneOf(owner)] };
  const targets = new Set(activityTargets(facts).map(({ object }) => object));
  const sameAs = ['WhatId', 'WhoId'].flatMap((field) => {
    const id = textAt(record.values, field);
    const object = id === null ? null : objectOfId(facts, id);
    return id === null || object === null || !targets.has(object) ? [] : [{ object, id }];
  });
  const grantees = [...(owner === null ? [] : [granteeOf(owner, known)]), ...sameAs.map(({ object }) => allOf(object))];
  return grantees.length === 0 ? null : { grantees, ...(sameAs.length === 0 ? {} : { sameAs }) };
}

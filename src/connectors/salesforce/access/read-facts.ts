import { canonicalJson, concurrently, contentHash, limits, type Json } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { listAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { AccessFacts } from '../../permissions.ts';
import { inSoql } from '../soql.ts';
import { factsOf, type ActivityTarget, type ObjectFacts } from './facts.ts';
import { grantsByHierarchy, queuesHandOn } from './hierarchy-probe.ts';
import { objectRights } from './object-rights.ts';
import { ownRights, restrictedObjects } from './own-rights.ts';
import { queried, readOrgChart } from './org-rows.ts';
import { readPermissionRows } from './permission-rows.ts';
import { isActivity, modelOf } from './sharing-model.ts';
import { accountLevelOf, shareObjectOf, shareParentOf, standardParentOf } from './standard-objects.ts';

/**
 * One describe per object, and a handful of calls beside: what sharing and
 * field security of the objects follow from. Raises `access_source_refused`
 * for a user who may not see what administrators see: shares and setup would be
 * answered in part, without a word.
 */
export async function readFacts(context: SessionContext, objects: readonly NativeObject[]): Promise<AccessFacts> {
  const { mayHaveRules } = await ownRights(context);
  const names = objects.map(({ name }) => name);
  const [models, restricted, sharing, described] = await Promise.all([
    sharingModels(context, names),
    mayHaveRules ? restrictedObjects(context) : new Set<string>(),
    shareObjects(context),
    concurrently(objects, limits.describesAtOnce, (object) => describedFacts(context, object)),
  ]);
  const about = new Set(objects.filter(({ name }) => isActivity(name)).flatMap(relatedTo));
  const facts: Record<string, ObjectFacts> = {};
  const targets: ActivityTarget[] = [];
  for (const [at, object] of objects.entries()) {
    const share = shareObjectOf(object.name);
    const known = described[at];
    if (known === undefined) continue;
    const untagged: ObjectFacts = {
      ...known,
      tag: null,
      model: models.get(object.name) ?? null,
      accountLevel: sharing.has('AccountShare') ? accountLevelOf(object.name) : null,
      share: sharing.has(share) ? { object: share, parent: shareParentOf(object.name) } : null,
      // Standard objects always do (help, "Controlling Access Using Hierarchies").
      hierarchy: !object.name.endsWith('__c'),
      restricted: restricted.has(object.name),
    };
    const follows = modelOf(object.name, untagged) === 'by_parent';
    const tag = about.has(object.name) && !follows ? object.name : null;
    facts[object.name] = { ...untagged, tag };
    // Details of a master are left out: whoever may not read one of them would be shown no activity at all.
    if (tag !== null || (follows && object.name === 'Contact' && about.has('Contact'))) {
      targets.push({ object: object.name, tag });
    }
  }
  const found = await askedAbout(context, objects, facts);
  const data = factsOf({ ...facts, ...found.facts }, targets, found.queuesHandOn);
  return { hash: contentHash(canonicalJson(data)), data };
}

const relatedTo = ({ fields }: NativeObject): readonly string[] =>
  fields.filter(({ name }) => name === 'WhatId' || name === 'WhoId').flatMap(({ references }) => references ?? []);

/** What no setup object tells: which custom objects grant by hierarchies, and whether queues do. */
async function askedAbout(
  context: SessionContext,
  objects: readonly NativeObject[],
  facts: Readonly<Record<string, ObjectFacts>>,
): Promise<{ readonly facts: Readonly<Record<string, ObjectFacts>>; readonly queuesHandOn: boolean }> {
  const shared = objects.filter(({ name }) => facts[name]?.model === 'Private' && facts[name].owned);
  if (!shared.some(({ name }) => facts[name]?.share !== null)) return { facts: {}, queuesHandOn: false };
  const chart = await readOrgChart(context);
  const active = chart.users.filter((user) => user.active).map(({ id }) => id);
  const rights = await readPermissionRows(context, active, shared);
  const rightsOf = objectRights(rights, shared, { hash: '', data: factsOf(facts) });
  const found: Record<string, ObjectFacts> = {};
  let handOn = false;
  for (const { name } of shared) {
    const known = facts[name];
    if (known === undefined || known.share === null) continue;
    const { share, accountLevel } = known;
    const restricted = (user: string): boolean => rightsOf(user).get(name)?.seesAll === false;
    const object = { name, share, accountLevel, restricted };
    if (!known.hierarchy) found[name] = { ...known, hierarchy: await grantsByHierarchy(context, object, chart) };
    else if (OWNED_BY_QUEUES.has(name)) handOn ||= await queuesHandOn(context, object, chart);
  }
  return { facts: found, queuesHandOn: handOn };
}

/** Those that usually are (help, "Set Up Queues"). */
const OWNED_BY_QUEUES = new Set(['Case', 'Lead']);

/** Names in one query: they travel in an address. */
const NAMES_MAX = 100;

async function sharingModels(context: SessionContext, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const models = new Map<string, string>();
  for (let at = 0; at < names.length; at += NAMES_MAX) {
    const only = inSoql('QualifiedApiName', names.slice(at, at + NAMES_MAX));
    const soql = `SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition WHERE ${only}`;
    for (const row of await queried(context, soql, 'EntityDefinition')) {
      const [name, model] = [textAt(row, 'QualifiedApiName'), textAt(row, 'InternalSharingModel')];
      if (name !== null && model !== null) models.set(name, model);
    }
  }
  return models;
}

async function shareObjects(context: SessionContext): Promise<ReadonlySet<string>> {
  const path = `/services/data/${context.declaration.api_version}/sobjects`;
  const { body } = await context.http({ path });
  return new Set(listAt(body, 'sobjects', `GET ${path}`).flatMap((entry) => textAt(entry, 'name') ?? []));
}

type Described = Pick<ObjectFacts, 'parents' | 'owned' | 'prefix' | 'open' | 'parts'>;

/** SOAP API, DescribeSObjectResult: `permissionable`, `compoundFieldName`, `relationshipOrder` of a master-detail field. */
async function describedFacts(context: SessionContext, { name }: NativeObject): Promise<Described> {
  const path = `/services/data/${context.declaration.api_version}/sobjects/${name}/describe`;
  const { body } = await context.http({ path });
  const fields = listAt(body, 'fields', `GET ${path}`);
  const nameOf = (field: Json): string => textAt(field, 'name') ?? '';
  const masters = fields.filter(({ relationshipOrder: order }) => order === 0 || order === 1);
  const parents = masters.flatMap((field) => {
    const to = textAt(field, 'referenceTo.0');
    return to === null ? [] : [{ field: nameOf(field), object: to }];
  });
  const standard = standardParentOf(name);
  const parts = fields.flatMap((field): [string, string][] => {
    const whole = textAt(field, 'compoundFieldName');
    return whole === null || whole === nameOf(field) ? [] : [[nameOf(field), whole]];
  });
  return {
    parents: parents.length > 0 || standard === null ? parents : [standard],
    owned: fields.some((field) => nameOf(field) === 'OwnerId'),
    prefix: textAt(body, 'keyPrefix'),
    open: fields
      .filter((field) => field['permissionable'] === false)
      .map(nameOf)
      .toSorted(),
    parts: Object.fromEntries(parts),
  };
}

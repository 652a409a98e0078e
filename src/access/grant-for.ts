import type { Filter } from '../filter/index.ts';
import { globMatches, type ObjectGrant } from '../manifest/index.ts';
import type { CatalogueObject } from '../mapping/index.ts';

/** What a grant leaves of one object. */
export interface GrantedObject {
  readonly fields: ReadonlySet<string>;
  readonly where: Filter | null;
}

/**
 * The lines of a grant that speak of an object: its own name, else the most
 * specific glob (`crm.Acc*` before `crm.*`). Globs reach native objects only,
 * so that a new model is never granted by accident. Globs of equal length
 * apply together: only what all of them allow.
 */
export function grantFor(object: CatalogueObject, grants: ReadonlyMap<string, ObjectGrant>): GrantedObject | null {
  const names = grantNames(object);
  const exact = names.map((name) => grants.get(name)).find((grant) => grant !== undefined);
  if (exact !== undefined) return granted(object, exact);
  if (object.kind !== 'native') return null;
  const globs = [...grants].filter(([glob]) => /[*?]/.test(glob) && names.some((name) => grantCovers(glob, name)));
  const longest = Math.max(...globs.map(([glob]) => glob.length));
  const [first, ...rest] = globs.filter(([glob]) => glob.length === longest).map(([, grant]) => granted(object, grant));
  return first === undefined ? null : rest.reduce(both, first);
}

/**
 * A native object is named by its connection, and by the integration that the
 * connection serves: the product team knows the second, a customer with two
 * accounts at one provider makes the first.
 */
function grantNames(object: CatalogueObject): string[] {
  if (object.kind !== 'native') return [object.name];
  return [object.name, ...object.sources.map((source) => `${source.integration}.${source.nativeObject}`)];
}

/** A glob speaks of connection and object, so that `*` alone grants nothing; the object's own name may hold dots. */
function grantCovers(glob: string, name: string): boolean {
  const [globAt, nameAt] = [glob.indexOf('.'), name.indexOf('.')];
  if (globAt < 0 || nameAt < 0) return false;
  return (
    globMatches(glob.slice(0, globAt), name.slice(0, nameAt)) &&
    globMatches(glob.slice(globAt + 1), name.slice(nameAt + 1))
  );
}

/** Sensitive fields are granted by name only, never by "all". */
function granted(object: CatalogueObject, grant: ObjectGrant): GrantedObject {
  const named = grant.fields === null ? null : new Set(grant.fields);
  const fields = [...object.fields.values()].filter((field) =>
    named === null ? !field.sensitive : named.has(field.name),
  );
  return { fields: new Set(fields.map((field) => field.name)), where: grant.where };
}

function both(a: GrantedObject, b: GrantedObject): GrantedObject {
  const wheres = [a.where, b.where].filter((where) => where !== null);
  const [first = null, second] = wheres;
  return {
    fields: new Set([...a.fields].filter((name) => b.fields.has(name))),
    where: second === undefined ? first : { kind: 'and', all: wheres },
  };
}

import type { NativeObject } from '../../../schema/index.ts';
import type { AccessFacts, ObjectStanding } from '../../permissions.ts';
import { objectFacts, type ObjectFacts } from './facts.ts';
import { readRightOf } from './standard-objects.ts';

/** What profiles and permission sets give, as the setup objects tell it. A profile is a permission set, too. */
export interface PermissionRows {
  /** Permission sets by user. */
  readonly assigned: ReadonlyMap<string, readonly string[]>;
  /** Permission sets with "View All Data" or "Modify All Data". */
  readonly viewAllData: ReadonlySet<string>;
  /** By object and permission set: it may be read; `all`: whatever its sharing. */
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, { readonly all: boolean }>>;
  /** By object and permission set: fields that may be read. */
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
}

/** Users with the same permission sets have the same rights, and share one answer. */
export function objectRights(
  rows: PermissionRows,
  objects: readonly NativeObject[],
  facts: AccessFacts,
): (user: string) => ReadonlyMap<string, ObjectStanding> {
  const known = new Map<string, ReadonlyMap<string, ObjectStanding>>();
  return (user) => {
    const sets = [...new Set(rows.assigned.get(user))].toSorted();
    const key = sets.join(' ');
    const found = known.get(key) ?? standingsOf(rows, objects, facts, sets);
    known.set(key, found);
    return found;
  };
}

function standingsOf(
  rows: PermissionRows,
  objects: readonly NativeObject[],
  facts: AccessFacts,
  sets: readonly string[],
): ReadonlyMap<string, ObjectStanding> {
  const standings = new Map<string, ObjectStanding>();
  for (const object of objects) {
    const known = objectFacts(facts, object.name);
    const right = readRight(rows, object.name, sets);
    if (known === null || right === null) continue;
    standings.set(object.name, { seesAll: right.all, fields: shownFields(rows, object, known, sets) });
  }
  return standings;
}

/** Null: the object may not be read. */
function readRight(rows: PermissionRows, object: string, sets: readonly string[]): { readonly all: boolean } | null {
  if (sets.length === 0) return null;
  if (sets.some((set) => rows.viewAllData.has(set))) return { all: true };
  const given = sets.flatMap((set) => rows.objects.get(object)?.get(set) ?? []);
  if (given.length > 0) return { all: given.some(({ all }) => all) };
  const right = readRightOf(object);
  switch (right.kind) {
    case 'everybody':
      return { all: false };
    case 'with':
      return readRight(rows, right.object, sets);
    case 'own':
      return null;
  }
}

function shownFields(
  rows: PermissionRows,
  object: NativeObject,
  { open, parts }: ObjectFacts,
  sets: readonly string[],
): ReadonlySet<string> {
  const bySet = rows.fields.get(object.name);
  const given = new Set(sets.flatMap((set) => [...(bySet?.get(set) ?? [])]));
  const openFields = new Set(open);
  // A part goes by its whole, whatever is said of the part.
  const isShown = (field: string): boolean => {
    const whole = Object.hasOwn(parts, field) ? (parts[field] ?? field) : field;
    return openFields.has(whole) || given.has(whole) || given.has(field);
  };
  return new Set(object.fields.map(({ name }) => name).filter(isShown));
}

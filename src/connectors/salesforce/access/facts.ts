import type { JsonObject } from '../../../kernel/index.ts';
import type { AccessFacts } from '../../permissions.ts';

/** What the access to one object's records and fields follows from. JSON, as it is kept. */
export interface ObjectFacts {
  /** Organization-wide default for internal users (Object Reference, EntityDefinition, InternalSharingModel). */
  readonly model: string | null;
  /** Where its shares are; null where Salesforce has none for it. */
  readonly share: { readonly object: string; readonly parent: string } | null;
  /** Field of AccountShare that says whether a share of the account opens this object's records, too. */
  readonly accountLevel: string | null;
  /** Whether whoever stands above an owner in the role hierarchy is shown the record, too. */
  readonly hierarchy: boolean;
  /** Reference fields to the records that decide, where the model is "controlled by parent". */
  readonly parents: readonly { readonly field: string; readonly object: string }[];
  readonly owned: boolean;
  /** First signs of the ids of its records. */
  readonly prefix: string | null;
  /**
   * In front of its grantees, where activities are read that may be about its
   * records: they are shown to whoever is shown those, which takes the right to
   * read the object, too. Null: nothing in front.
   */
  readonly tag: string | null;
  /** A restriction rule takes away what sharing gives. */
  readonly restricted: boolean;
  /** Fields that field-level security does not cover: everybody who may read the object sees them. */
  readonly open: readonly string[];
  /** Parts whose rights are those of the whole: `BillingCity` of `BillingAddress`. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Moves on with the meaning of what is kept: facts of another version are facts that are not there. */
const VERSION = 1;

export function factsOf(
  objects: Readonly<Record<string, ObjectFacts>>,
  targets: readonly ActivityTarget[] = [],
  queuesHandOn = false,
): JsonObject {
  return {
    version: VERSION,
    objects: objects as unknown as JsonObject,
    targets: targets as unknown as JsonObject[],
    queuesHandOn,
  };
}

export const settingsIn = ({ data }: AccessFacts): { readonly queuesHandOn: boolean } => ({
  queuesHandOn: data['version'] === VERSION && data['queuesHandOn'] === true,
});

/** An object that activities which are read may be about. */
export interface ActivityTarget {
  readonly object: string;
  /** Null: its records only follow others, and have no grantees of their own. */
  readonly tag: string | null;
}

export const activityTargets = ({ data }: AccessFacts): readonly ActivityTarget[] =>
  data['version'] === VERSION ? ((data['targets'] ?? []) as unknown as readonly ActivityTarget[]) : [];

/** Null: nothing is known of the object, so nobody is shown it. */
export function objectFacts(facts: AccessFacts, object: string): ObjectFacts | null {
  const all = allFacts(facts);
  return Object.hasOwn(all, object) ? (all[object] ?? null) : null;
}

/** The object whose records have such ids. */
export function objectOfId(facts: AccessFacts, id: string): string | null {
  const found = Object.entries(allFacts(facts)).find(([, { prefix }]) => prefix !== null && id.startsWith(prefix));
  return found?.[0] ?? null;
}

function allFacts({ data }: AccessFacts): Readonly<Record<string, ObjectFacts>> {
  if (data['version'] !== VERSION) return {};
  return (data['objects'] ?? {}) as unknown as Readonly<Record<string, ObjectFacts>>;
}

import type { SandboxUser } from '../../kit/index.ts';
import { salesforceId } from '../../world/index.ts';

/** Organization-wide defaults as EntityDefinition spells them (Object Reference, "EntityDefinition", InternalSharingModel). */
export const MODELS = ['Private', 'Read', 'ReadWrite', 'ControlledByParent'] as const;
export type Model = (typeof MODELS)[number];

/** What a grant on an account gives for records below it. */
export const CHILD_ACCESS = ['None', 'Read', 'Edit'] as const;
export type ChildAccess = (typeof CHILD_ACCESS)[number];
export interface ChildLevels {
  readonly opportunity: ChildAccess;
  readonly case: ChildAccess;
  readonly contact: ChildAccess;
}
export const NO_CHILDREN: ChildLevels = { opportunity: 'None', case: 'None', contact: 'None' };

export type Access = 'Read' | 'Edit';

export interface Role {
  readonly id: string;
  readonly name: string;
  parent: string | null;
  /** What owners of accounts with this role get of the records below them. */
  children: ChildLevels;
  modifiedMs: number;
}

export type GroupType =
  'Regular' | 'Queue' | 'Role' | 'RoleAndSubordinates' | 'RoleAndSubordinatesInternal' | 'Organization';

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly type: GroupType;
  /** Name of the role that a group of roles stands for. */
  readonly role: string | null;
  /** Whether people above a member are given what the group is given. */
  includeBosses: boolean;
  /** Ids of users and groups that are direct members, with the time at which they became that. */
  readonly members: Map<string, number>;
  modifiedMs: number;
}

export interface Criterion {
  /** By the name that the field has when the rule is made; kept as its storage name. */
  readonly storage: string;
  readonly operator: Operator;
  readonly value: string | number | boolean | null;
}
export const OPERATORS = [
  'equals',
  'notEqual',
  'lessThan',
  'greaterThan',
  'lessOrEqual',
  'greaterOrEqual',
  'contains',
  'startsWith',
] as const;
export type Operator = (typeof OPERATORS)[number];

export interface SharingRule {
  readonly name: string;
  readonly object: string;
  readonly from:
    | { readonly kind: 'owners'; readonly group: string }
    | { readonly kind: 'criteria'; readonly all: readonly Criterion[] };
  /** Id of the group (or role group) that the records are shared with. */
  readonly to: string;
  readonly access: Access;
  readonly children: ChildLevels;
}

/** A share that somebody or a program made. */
export interface HandShare {
  readonly to: string;
  readonly access: Access;
  /** `Manual`, or of custom objects the name of an Apex sharing reason (`Xyz__c`). */
  readonly reason: string;
  readonly children: ChildLevels;
}

export interface TeamMember {
  readonly user: string;
  readonly access: Access;
  readonly children: ChildLevels;
}

export const OBJECT_RIGHTS = ['none', 'read', 'viewAll', 'modifyAll'] as const;
export type ObjectRight = (typeof OBJECT_RIGHTS)[number];

/** What may be done with records beyond reading them; deleting takes changing. */
export const WRITE_RIGHTS = ['create', 'edit', 'delete'] as const;
export type WriteRight = (typeof WRITE_RIGHTS)[number];

/** A profile (with the permission set that it owns) or a permission set. */
export interface RightSet {
  readonly index: number;
  readonly name: string;
  readonly isProfile: boolean;
  /** Right to objects that `objects` does not name. */
  readonly others: ObjectRight;
  readonly objects: Map<string, ObjectRight>;
  /** Rights to write objects; of those that are not named a profile gives all that it shows, a permission set none. */
  readonly writes: Map<string, ReadonlySet<WriteRight>>;
  /** `all`: every field but those in `fields`; `none`: only those. As `Object.storage`. */
  readonly fieldBase: 'all' | 'none';
  readonly fields: Set<string>;
  /** Fields that it shows, and does not let anybody change. */
  readonly readOnly: Set<string>;
  /** "Edit Tasks" and "Edit Events". */
  editActivities: boolean;
  viewAllData: boolean;
  modifyAllData: boolean;
  viewSetup: boolean;
}

/** What a user is given, by names. */
export interface Assignment {
  profile: string;
  role: string | null;
  permissionSets: readonly string[];
}

/** All that an administrator sets up about who sees what; changed in place, `version` counts the changes. */
export interface SharingState {
  readonly users: readonly SandboxUser[];
  readonly bornMs: number;
  version: number;
  /** When it was changed last, in ms since 1970. */
  changedMs: number;
  readonly models: Map<string, Model>;
  /** Custom objects that do not grant access by hierarchies. */
  readonly withoutHierarchy: Set<string>;
  readonly roles: Role[];
  readonly groups: Group[];
  readonly rules: SharingRule[];
  /** By the id of the record. */
  readonly shares: Map<string, readonly HandShare[]>;
  readonly team: Map<string, readonly TeamMember[]>;
  readonly sets: RightSet[];
  readonly assignments: Map<string, Assignment>;
  /** `username object` -> ids that a restriction rule takes away. */
  readonly restricted: Map<string, ReadonlySet<string>>;
  /** Removed share rows stay in queryAll. */
  keepRemoved: boolean;
  /** Child records have `ImplicitChild` rows, as before faster account sharing recalculation. */
  implicitChild: boolean;
}

export const roleId = (index: number): string => salesforceId('00E', index);
export const groupId = (index: number): string => salesforceId('00G', index);
export const profileId = (index: number): string => salesforceId('00e', index);
export const setId = (index: number): string => salesforceId('0PS', index);

/** Everything that was worked out from the state has to be worked out again. */
export function noteChange(state: SharingState, nowMs: number): void {
  state.version += 1;
  state.changedMs = nowMs;
}

export function assignmentOf(state: SharingState, user: SandboxUser): Assignment {
  const known = state.assignments.get(user.username);
  if (known !== undefined) return known;
  const fresh = { profile: 'Standard User', role: null, permissionSets: [] };
  state.assignments.set(user.username, fresh);
  return fresh;
}

import type { AccessRole } from './roles.ts';

export const SCOPE_TYPES = ['default', 'user', 'group', 'domain'] as const;

/** To whom a rule gives access; `default` is everybody, signed in or not, and has no value. */
export interface Scope {
  readonly type: (typeof SCOPE_TYPES)[number];
  /** An address or the name of a domain, in lower case. */
  readonly value: string | null;
}

export interface AclRule {
  readonly scope: Scope;
  readonly role: AccessRole;
  /** Number of the change that made it; 0 for rules from the start. */
  readonly seq: number;
}

/** `user:ann@example.com`, `default`. */
export function ruleId({ type, value }: Scope): string {
  return value === null ? type : `${type}:${value}`;
}

export function scopeOf(id: string): Scope | null {
  const [name = '', ...rest] = id.split(':');
  const type = SCOPE_TYPES.find((each) => each === name);
  if (type === undefined) return null;
  const value = rest.join(':').toLowerCase();
  if (type === 'default') return value === '' ? { type, value: null } : null;
  return value === '' ? null : { type, value };
}

/** Groups of the Directory, which the Calendar API never shows the members of. Groups may be members. */
export interface Groups {
  all(): ReadonlyMap<string, readonly string[]>;
  put(address: string, members: readonly string[]): void;
  remove(address: string): void;
  contains(group: string, email: string): boolean;
}

export function createGroups(): Groups {
  const groups = new Map<string, readonly string[]>();
  const contains = (group: string, email: string, seen: ReadonlySet<string>): boolean =>
    (groups.get(group) ?? []).some(
      (member) => member === email || (!seen.has(member) && contains(member, email, new Set([...seen, member]))),
    );
  return {
    all: () => groups,
    put: (address, members) => {
      groups.set(address, members);
    },
    remove: (address) => {
      groups.delete(address);
    },
    contains: (group, email) => contains(group, email, new Set([group])),
  };
}

export function matches({ type, value }: Scope, email: string, groups: Groups): boolean {
  switch (type) {
    case 'default':
      return true;
    case 'domain':
      return email.endsWith(`@${value ?? ''}`);
    case 'user':
      return email === value;
    case 'group':
      return groups.contains(value ?? '', email);
  }
}

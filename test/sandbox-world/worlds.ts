import { createWorld, type CompanyId, type World } from '../../sandbox/world/index.ts';

export const ANCHOR = new Date('2026-08-01T00:00:00Z');

export function worldOf(scale: number, seed = 1, company: CompanyId = 'acme'): World {
  return createWorld({ seed, scale, anchor: ANCHOR, company });
}

export const KINDS = ['users', 'accounts', 'contacts', 'opportunities', 'meetings', 'tickets'] as const;
export const CHILD_KINDS = ['contacts', 'opportunities', 'meetings', 'tickets'] as const;

export function* all<T>(count: number, read: (index: number) => T): Generator<T> {
  for (let index = 0; index < count; index += 1) yield read(index);
}

/** The record of any kind. */
export function recordOf(world: World, kind: (typeof KINDS)[number], index: number) {
  const readers = {
    users: world.user,
    accounts: world.account,
    contacts: world.contact,
    opportunities: world.opportunity,
    meetings: world.meeting,
    tickets: world.ticket,
  };
  return readers[kind](index);
}

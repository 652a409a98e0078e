import { account } from './accounts.ts';
import type { CompanyId } from './companies/company.ts';
import { contact } from './contacts.ts';
import { createFrame, type Frame } from './frame.ts';
import { meeting } from './meetings.ts';
import { opportunity } from './opportunities.ts';
import { ticket } from './tickets.ts';
import type { World, WorldChildKind, WorldKind } from './types.ts';
import { user } from './users.ts';

export interface WorldOptions {
  /** Any whole number; another seed is another customer. */
  readonly seed: number;
  /** 2,000 to 1,000,000. */
  readonly scale: number;
  readonly anchor: Date;
  /** Default `acme`. */
  readonly company?: CompanyId;
}

/** Costs no time and no memory until records are asked for. Throws on a scale out of range. */
export function createWorld({ seed, scale, anchor, company = 'acme' }: WorldOptions): World {
  const frame = createFrame(company, seed, scale, anchor);
  const checked = (kind: WorldKind, index: number): number => {
    if (Number.isInteger(index) && index >= 0 && index < frame.counts[kind]) return index;
    throw new Error(`no ${kind} ${index} in this world; it has 0 to ${frame.counts[kind] - 1}`);
  };
  const { id, name, domain } = frame.company;
  return {
    company: { id, name, domain },
    seed,
    scale,
    anchor: new Date(anchor),
    counts: frame.counts,
    user: (index) => user(frame, checked('users', index)),
    account: (index) => account(frame, checked('accounts', index)),
    contact: (index) => contact(frame, checked('contacts', index)),
    opportunity: (index) => opportunity(frame, checked('opportunities', index)),
    meeting: (index) => meeting(frame, checked('meetings', index)),
    ticket: (index) => ticket(frame, checked('tickets', index)),
    modifiedMs: (kind, index) => frame.stamps[kind](checked(kind, index)),
    firstModifiedFrom: (kind, ms) => firstModifiedFrom(frame, kind, ms),
    accountOf: (kind, index) => frame.children[kind].placeOf(checked(kind, index)).account,
    childrenOf: (kind, parent) => childrenOf(frame, kind, checked('accounts', parent)),
  };
}

function firstModifiedFrom(frame: Frame, kind: WorldKind, ms: number): number {
  let from = 0;
  let to = frame.counts[kind];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (frame.stamps[kind](middle) < ms) from = middle + 1;
    else to = middle;
  }
  return from;
}

function childrenOf(frame: Frame, kind: WorldChildKind, parent: number): readonly number[] {
  const spread = frame.children[kind];
  const children = Array.from({ length: spread.countOf(parent) }, (_empty, at) => spread.childAt(parent, at));
  return children.toSorted((a, b) => a - b);
}

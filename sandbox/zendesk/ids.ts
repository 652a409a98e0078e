import { contactOfEndUser, type WorldCounts } from '../world/index.ts';

/**
 * Tickets are numbered from 1 as customers know them; organizations, users and
 * fields have the long numbers of a shared id space. Ids of one kind grow with
 * the index.
 */
export interface IdRange {
  readonly of: (index: number) => number;
  /** The index behind an id, or null if the id is none of this range; may lie beyond the base records. */
  readonly indexOf: (id: number) => number | null;
}

function range(first: number, step: number): IdRange {
  return {
    of: (index) => first + index * step,
    indexOf: (id) => {
      const index = (id - first) / step;
      return Number.isSafeInteger(index) && index >= 0 ? index : null;
    },
  };
}

export const ticketIds = range(1, 1);
export const organizationIds = range(4_417_002_100_117, 40);
/** Staff first, then end users, then users created later. */
export const userIds = range(1_900_840_551_224, 20);
export const fieldIds = range(360_021_447_118, 60);
export const optionIds = range(360_009_331_204, 20);

/** The general group and the technical one. */
export const GROUP_IDS = [360_004_112_077, 360_004_112_097] as const;

export const BRAND_ID = 360_001_870_018;
export const TICKET_FORM_ID = 360_000_412_558;

export function agentId(user: number): number {
  return userIds.of(user);
}

export function endUserId(counts: WorldCounts, endUser: number): number {
  return userIds.of(counts.users + endUser);
}

/** The contact behind an end user's place among the base users. */
export function contactOfUserIndex(counts: WorldCounts, index: number): number {
  return contactOfEndUser(index - counts.users);
}

export type Role = 'viewer' | 'operator' | 'approver' | 'admin';

/** Things that buttons do and screens show, and the role that each needs. The server decides; this only spares people what refuses. */
const needs = {
  seeValues: 'approver',
  decide: 'approver',
  delegate: 'approver',
  readAudit: 'operator',
  undo: 'operator',
  operate: 'operator',
  delegateForOthers: 'admin',
  breakGlass: 'admin',
  erase: 'admin',
} as const;

export type Deed = keyof typeof needs;

export const may = (role: Role, what: Deed): boolean => role === 'admin' || role === needs[what];

/** Whom to ask instead. */
export const roleFor = (what: Deed): Role => needs[what];

export type Role = 'viewer' | 'operator' | 'approver' | 'admin';

/** Things that buttons do, and the role that each needs. The server decides; this only spares people buttons that refuse. */
const needs = {
  seeValues: 'approver',
  decide: 'approver',
  readAudit: 'operator',
  undo: 'operator',
  operate: 'operator',
} as const;

export const may = (role: Role, what: keyof typeof needs): boolean => role === 'admin' || role === needs[what];

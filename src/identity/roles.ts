/**
 * What operators may do, least first. An approver decides on what agents want
 * to do, and does not operate: the one who lets a write pass is not the one who
 * changes what may be written.
 */
export const roles = ['viewer', 'operator', 'approver', 'admin'] as const;

export type Role = (typeof roles)[number];

const included: Readonly<Record<Role, readonly Role[]>> = {
  viewer: ['viewer'],
  operator: ['viewer', 'operator'],
  approver: ['viewer', 'approver'],
  admin: roles,
};

/** Whether somebody with `role` may do what needs `needed`. */
export const roleIncludes = (role: Role, needed: Role): boolean => included[role].includes(needed);

export const roleIn = (text: string): Role | null => roles.find((role) => role === text) ?? null;

/**
 * What operators may do, least first. An approver decides on what agents want
 * to do, and does not operate: the one who lets a write pass is not the one who
 * changes what may be written. The product's backend says who its users are, and
 * sees and does nothing else: whoever may say that can be any user.
 */
export const roles = ['viewer', 'operator', 'approver', 'backend', 'admin'] as const;

export type Role = (typeof roles)[number];

const included: Readonly<Record<Role, readonly Role[]>> = {
  viewer: ['viewer'],
  operator: ['viewer', 'operator'],
  approver: ['viewer', 'approver'],
  backend: ['backend'],
  admin: roles,
};

/** Whether somebody with `role` may do what needs `needed`. */
export const roleIncludes = (role: Role, needed: Role): boolean => included[role].includes(needed);

export const roleIn = (text: string): Role | null => roles.find((role) => role === text) ?? null;

/** From least to most, as `accessRole` names them. Source: Calendar API reference, "Acl", `role`. */
export const ACCESS_ROLES = [
  'none',
  'freeBusyReader',
  'reader',
  'writerWithoutPrivateAccess',
  'writer',
  'owner',
] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

export function allows(role: AccessRole, needed: AccessRole): boolean {
  return ACCESS_ROLES.indexOf(role) >= ACCESS_ROLES.indexOf(needed);
}

export function roleNamed(given: unknown): AccessRole | null {
  return ACCESS_ROLES.find((role) => role === given) ?? null;
}

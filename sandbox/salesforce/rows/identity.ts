import { salesforceId, type World } from '../../world/index.ts';
import type { SandboxUser } from '../../kit/index.ts';

export function organizationId(seed: number): string {
  return salesforceId('00D', 1_000 + Math.abs(seed));
}

export function userId(index: number): string {
  return salesforceId('005', index);
}

/** User 0 leads sales operations and is the org's admin. */
export function username(world: World, index: number): string {
  const { domain } = world.company;
  return index === 0 ? `admin@${domain}` : `user${index}@${domain}`;
}

export function signInUsers(world: World): SandboxUser[] {
  return Array.from({ length: world.counts.users }, (_empty, index) => {
    const person = world.user(index);
    return {
      username: username(world, index),
      password: index === 0 ? 'admin-sandbox' : `sandbox-${index}`,
      id: userId(index),
      name: person.name,
      role: index === 0 ? 'admin' : 'user',
      active: person.active,
    };
  });
}

import type { SandboxClock, SandboxUser } from '../kit/index.ts';
import type { World } from '../world/index.ts';
import { createDirectory, type Directory } from './directory.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { createBaseEvents } from './store/base.ts';
import { createEventStore, type EventStore } from './store/events.ts';

/** The company's calendars, as one Google Workspace account. */
export interface Account {
  readonly world: World;
  readonly clock: SandboxClock;
  readonly users: readonly SandboxUser[];
  readonly directory: Directory;
  readonly events: EventStore;
  limits: Limits;
  /** Sync tokens of earlier epochs are gone. */
  epoch: number;
}

export function createAccount(world: World, clock: SandboxClock): Account {
  const directory = createDirectory(world);
  return {
    world,
    clock,
    users: signInUsers(world),
    directory,
    events: createEventStore(createBaseEvents(world, directory), clock),
    limits: DEFAULT_LIMITS,
    epoch: 0,
  };
}

/** People sign in with their address. User 0 is the admin, whose list has everybody's calendar. */
function signInUsers(world: World): readonly SandboxUser[] {
  return Array.from({ length: world.counts.users }, (_empty, index) => {
    const { name, email, active } = world.user(index);
    return {
      username: email,
      password: index === 0 ? 'admin-sandbox' : `sandbox-${index}`,
      // Google's account ids are numbers of 21 digits.
      id: `1${String(100_000_000 + Math.abs(world.seed)).slice(-9)}${String(index).padStart(11, '0')}`,
      name,
      role: index === 0 ? 'admin' : 'user',
      active,
    };
  });
}

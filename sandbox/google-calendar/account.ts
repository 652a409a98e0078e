import { createDeliveries, type Deliveries, type SandboxClock, type SandboxUser } from '../kit/index.ts';
import type { World } from '../world/index.ts';
import { createDirectory, type Directory } from './directory.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { createBaseEvents } from './store/base.ts';
import { createChannels, type Channels } from './push/channels.ts';
import { createEventStore, type EventStore } from './store/events.ts';

/** The company's calendars, as one Google Workspace account. */
export interface Account {
  readonly world: World;
  readonly clock: SandboxClock;
  readonly users: readonly SandboxUser[];
  readonly directory: Directory;
  readonly events: EventStore;
  readonly deliveries: Deliveries;
  readonly channels: Channels;
  limits: Limits;
  /** Sync tokens of earlier epochs are gone. */
  epoch: number;
}

export function createAccount(world: World, clock: SandboxClock): Account {
  const directory = createDirectory(world);
  const deliveries = createDeliveries();
  return {
    world,
    clock,
    users: signInUsers(world),
    directory,
    events: createEventStore(createBaseEvents(world, directory), clock),
    deliveries,
    channels: createChannels({ clock, deliveries, seed: world.seed }),
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

import {
  createDeliveries,
  createWriteFailures,
  type Deliveries,
  type SandboxClock,
  type WriteFailures,
} from '../kit/index.ts';
import type { World } from '../world/index.ts';
import { createPeople, type People } from './access/people.ts';
import { createDirectory, type Directory } from './directory.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { createBaseEvents } from './store/base.ts';
import { createChannels, type Channels } from './push/channels.ts';
import { createEventStore, type EventStore } from './store/events.ts';

/** The company's calendars, as one Google Workspace account. */
export interface Account {
  readonly world: World;
  readonly clock: SandboxClock;
  readonly people: People;
  readonly directory: Directory;
  readonly events: EventStore;
  readonly deliveries: Deliveries;
  readonly channels: Channels;
  readonly failures: WriteFailures;
  limits: Limits;
  /** Sync tokens of earlier epochs are gone. */
  epoch: number;
}

export function createAccount(world: World, clock: SandboxClock): Account {
  const people = createPeople(world);
  const directory = createDirectory(world, people);
  const deliveries = createDeliveries();
  return {
    world,
    clock,
    people,
    directory,
    events: createEventStore(createBaseEvents(world, directory), clock),
    deliveries,
    failures: createWriteFailures(),
    channels: createChannels({ clock, deliveries, seed: world.seed }),
    limits: DEFAULT_LIMITS,
    epoch: 0,
  };
}

import type { ConnectionUseCases } from '../api/index.ts';
import type { UpstreamCall } from '../connectors/index.ts';
import type { Clock, Random } from '../kernel/index.ts';
import type { Lens } from '../lens/index.ts';
import type { FollowEvents, ToolDoor } from '../mcp/index.ts';
import type { Db } from '../store/index.ts';
import type { Callers } from './callers/callers.ts';
import type { Config } from './config.ts';
import type { Doors } from './doors.ts';
import type { EventSink } from './events.ts';
import type { LensRole } from './lens/lens-place.ts';
import type { Catalogues } from './project/catalogues.ts';
import type { Overlays } from './project/overlays.ts';
import type { Revisions } from './project/revisions.ts';

export interface GantryOptions {
  readonly config: Config;
  readonly emit: EventSink;
  readonly clock?: Clock;
  readonly random?: Random;
  /** `alone` by default. */
  readonly lensRole?: LensRole;
  /** Told of every call to a provider; for counters. */
  readonly onUpstreamCall?: (integration: string, call: UpstreamCall) => void;
}

/** One process of Gantry, put together. Parts start on demand: commands need the store only, servers everything. */
export interface Gantry {
  readonly config: Config;
  readonly db: Db;
  readonly revisions: Revisions;
  readonly overlays: Overlays;
  readonly catalogues: Catalogues;
  readonly callers: Callers;
  readonly lens: Lens;
  readonly connections: ConnectionUseCases;
  readonly door: ToolDoor;
  /** Changes of records, as the agent behind a key sees them. */
  readonly followEvents: FollowEvents;
  /** The worker role: syncs what is due. */
  startWorker(): void;
  /** The api role: MCP and REST. */
  openDoors(): Promise<Doors>;
  close(): Promise<void>;
}

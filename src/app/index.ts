export { readConfig, type Config, type Environment } from './config.ts';
export { requireTenant } from './connection-use-cases.ts';
export type { Doors } from './doors.ts';
export { createLog, type EventSink, type GantryEvent } from './events.ts';
export { knownNames, openGantry, type Gantry, type GantryOptions } from './open-gantry.ts';
export type { ApplyResult } from './revisions.ts';
export { connectionSummaries } from './status.ts';
export { createAgentKey, createTenant, type NewKey } from './tenants.ts';
export { version } from './version.ts';

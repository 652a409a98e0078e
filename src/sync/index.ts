export { acceptDeletions } from './accept-deletions.ts';
export type { SyncDeps, SyncTarget } from './deps.ts';
export { discoverConnection, refreshSchema, type Discovery } from './discover.ts';
export type { SyncEvent } from './events.ts';
export { normaliseRecord, type Misfit, type NormalRecord } from './normalise-record.ts';
export { planStreams, type PlannedStream, type StreamsPlan } from './plan-streams.ts';
export { runStream, type RunReport } from './run-stream.ts';
export { startSyncWorker, type SyncWorker, type WorkerOptions } from './worker.ts';

import type { Suite } from '../suite.ts';
import { runInProcesses } from './in-processes.ts';

/** For 200 users of each provider: what Gantry shows is what the provider shows, at rest and while everything changes. */
export const differential: Suite = {
  name: 'differential',
  what: 'what Gantry shows a user is what the provider shows that user, at rest and while rights change',
  isApart: true,
  run: runInProcesses,
};

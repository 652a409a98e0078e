import type { Readiness } from '../api/index.ts';
import type { Db } from '../store/index.ts';
import { openDoors, type DoorDeps, type Doors } from './doors.ts';

export type ApiRoleDeps = Omit<DoorDeps, 'ready'> & { readonly db: Db };

/** MCP and REST, opened once and closed once. */
export function createApiRole({ db, ...deps }: ApiRoleDeps): { open(): Promise<Doors>; stop(): Promise<void> } {
  let doors: Promise<Doors> | null = null;
  const ready = async (): Promise<Readiness> => {
    const alive = await db.query('select 1').then(
      () => true,
      () => false,
    );
    return { ready: alive, checks: { database: alive ? 'ok' : 'failed' } };
  };
  return {
    open: () => {
      doors ??= openDoors({ ...deps, ready });
      return doors;
    },
    // Doors that did not open need no closing.
    stop: async () => (await doors?.catch(() => null))?.close(),
  };
}

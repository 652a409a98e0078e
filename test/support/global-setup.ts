import type { TestProject } from 'vitest/node';
import { builtPrograms } from '../../bin/built.js';
import { startPostgres } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A PostgreSQL server for this run, whose user may create databases. */
    databaseUrl: string;
    /** Why there is none; empty if there is one. */
    databaseMissing: string;
    /** Where the programs of this tree lie built; null if they could not be. */
    built: string | null;
  }
}

/** Runs once per test run, before any suite: the programs as built files, and one PostgreSQL server for all, DATABASE_URL's or our own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide('built', await builtPrograms());
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') {
    project.provide('databaseUrl', given);
    project.provide('databaseMissing', '');
    return async () => undefined;
  }
  try {
    const server = await startPostgres();
    project.provide('databaseUrl', server.url);
    project.provide('databaseMissing', '');
    return () => server.stop();
  } catch (error) {
    // Suites that need no server still run; those that do fail with this text.
    project.provide('databaseUrl', '');
    project.provide('databaseMissing', error instanceof Error ? error.message : String(error));
    return async () => undefined;
  }
}

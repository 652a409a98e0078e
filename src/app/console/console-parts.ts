import type { ConsoleUseCases } from '../../api/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { listTenants } from '../../store/index.ts';
import type { Config } from '../config.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';
import type { EventSink } from '../events.ts';
import { builtFile } from './built-files.ts';
import { createSessions, type SessionDeps } from './sessions.ts';
import { createWatch } from './watch.ts';

export interface ConsoleParts {
  readonly console: ConsoleUseCases;
  stop(): Promise<void>;
}

/** The operators' console: files, sessions, news. */
export function createConsoleParts(
  deps: SessionDeps & {
    readonly config: Pick<Config, 'publicUrl'>;
    readonly clock: Clock;
    readonly emit: EventSink;
  },
): ConsoleParts {
  const { config, db, emit } = deps;
  const watch = createWatch({ ...deps, onFailed: (cause) => emit({ kind: 'protocol_error', cause }) });
  return {
    console: {
      secure: new URL(config.publicUrl).protocol === 'https:',
      file: builtFile,
      ...createSessions(deps),
      tenants: async () => (await listTenants(db)).map(({ slug }) => slug),
      follow: async (_operator, { tenant }, signal) =>
        watch.follow(tenant === undefined ? null : await requireTenant(db, tenant), signal),
    },
    stop: watch.stop,
  };
}

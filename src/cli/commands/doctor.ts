import { readConfig, openGantry, createLog } from '../../app/index.ts';
import { systemRandom } from '../../kernel/index.ts';
import { listTenants } from '../../store/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';

export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor',
  summary: 'what this installation stands on, and what to know about it',
  run: async ({ args, env, out }) => {
    readArguments(args, 'doctor', {});
    out(`Node      ${process.version}`);
    const config = await readConfig(env, systemRandom);
    out(`Data      ${config.dataDir}`);
    const gantry = await openGantry({ config, emit: createLog('silent') });
    try {
      const { kind, serverVersion } = gantry.db;
      out(`Database  PostgreSQL ${serverVersion}${kind === 'pglite' ? ', embedded' : ''}`);
      if (kind === 'pglite')
        out('          survives a killed process, not a power cut: use DATABASE_URL for what cannot be fetched again');
      const applied = await gantry.revisions.current();
      out(
        `Project   ${applied === null ? 'none applied yet' : `${applied.manifest.project}, revision ${String(applied.revision)}`}`,
      );
      out(`Tenants   ${String((await listTenants(gantry.db)).length)}`);
      out(`Operator  ${config.operatorKey === null ? 'no key set: operator endpoints are closed' : 'key set'}`);
      for (const name of applied?.manifest.integrations.keys() ?? []) {
        out(`OAuth     ${name}: ${config.oauthApps.has(name) ? 'app configured' : 'no app configured'}`);
      }
    } finally {
      await gantry.close();
    }
    return 0;
  },
};

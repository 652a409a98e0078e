import { existsSync } from 'node:fs';
import {
  connectionConditions,
  createLog,
  dataDirOf,
  endingSignIns,
  inspectInstallation,
  openGantry,
  readConfig,
  type EndingSignIn,
  type InstallationFacts,
} from '../../app/index.ts';
import { systemClock, systemRandom } from '../../kernel/index.ts';
import { listStreams, listTenants, type Db } from '../../store/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { lifeLines } from '../connection-text.ts';

export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor',
  summary: 'what this installation stands on, and what to know about it',
  run: async ({ args, env, out }) => {
    readArguments(args, 'doctor', {});
    out(`Node      ${process.version}`);
    const dataDir = dataDirOf(env);
    // To look is not to make one: a wrong folder would seem to be an empty installation.
    if (env['DATABASE_URL'] === undefined && !existsSync(dataDir)) {
      out(`Data      ${dataDir}: there is nothing here yet`);
      out('          start in the folder that you used before, or set GANTRY_DATA_DIR or DATABASE_URL');
      return 1;
    }
    out(`Data      ${dataDir}`);
    const config = await readConfig(env, systemRandom);
    const gantry = await openGantry({ config, emit: createLog('silent') });
    try {
      const { kind, serverVersion } = gantry.db;
      out(`Database  PostgreSQL ${serverVersion}${kind === 'pglite' ? ', embedded' : ''}`);
      if (kind === 'pglite')
        out('          survives a killed process, not a power cut: use DATABASE_URL for what cannot be fetched again');
      for (const line of linesOf(await inspectInstallation({ config, db: gantry.db, clock: systemClock }), kind))
        out(line);
      const applied = await gantry.revisions.current();
      out(
        `Project   ${applied === null ? 'none applied yet' : `${applied.manifest.project}, revision ${String(applied.revision)}`}`,
      );
      out(`Tenants   ${String((await listTenants(gantry.db)).length)}`);
      for (const line of await connectionsOf(gantry.db)) out(line);
      for (const line of await heldDeletions(gantry.db)) out(line);
      for (const ending of await endingSignIns(gantry.db)) out(`          ${endLine(ending)}`);
      out(
        `Operator  ${config.operatorKey === null ? 'no key set (GANTRY_OPERATOR_KEY): connect, sync and status cannot ask this server' : 'key set'}`,
      );
      for (const name of applied?.manifest.integrations.keys() ?? []) {
        out(`OAuth     ${name}: ${config.oauthApps.has(name) ? 'app configured' : 'no app configured'}`);
      }
    } finally {
      await gantry.close();
    }
    return 0;
  },
};

/** Every connection of every tenant: a line where it works, and where not, who can change it and what happens meanwhile. */
async function connectionsOf(db: Db): Promise<string[]> {
  const lines: string[] = [];
  for (const { id, slug } of await listTenants(db)) {
    for (const condition of await connectionConditions(db, id)) {
      const [first = '', ...more] = lifeLines(condition);
      lines.push(`          ${slug}, ${first}`, ...more.map((line) => `            ${line.trim()}`));
    }
  }
  return lines;
}

/** What waits for somebody to look, of all tenants. */
async function heldDeletions(db: Db): Promise<string[]> {
  const lines: string[] = [];
  for (const { id, slug } of await listTenants(db)) {
    for (const { lastError } of await db.tenantRead(id, (tx) => listStreams(tx, id))) {
      if (lastError?.code !== 'sync_deletions_held') continue;
      lines.push(`          ${slug}, ${lastError.where ?? ''}: ${lastError.message} [${lastError.code}]`);
    }
  }
  return lines;
}

const endLine = ({ tenant, connection, user, endsAt }: EndingSignIn): string =>
  `${tenant}, ${connection}${user === null ? '' : `, ${user}`}: its key ends on ${endsAt.toISOString().slice(0, 10)}; only a person can make a new one and sign in with it`;

const MB = 1_000_000;
/** Tokens and leases do not mind less. */
const SKEW_TOLD_MS = 1_000;

function linesOf(facts: InstallationFacts, kind: 'pglite' | 'postgres'): string[] {
  const { migrations, unknownMigrations, lens, lensNodes, skewMs, skewErrorMs } = facts;
  const newer = unknownMigrations.length === 0 ? '' : `, of a newer program: ${unknownMigrations.join(', ')}`;
  const indent = ' '.repeat(10);
  const skewed = Math.abs(skewMs) > SKEW_TOLD_MS + skewErrorMs;
  return [
    `${indent}${megabytes(facts.bytes)}, schema ${migrations.at(-1) ?? 'empty'}${newer}`,
    ...(kind === 'postgres' ? durability(facts).map((line) => indent + line) : []),
    `Clock     ${skewed ? `the database's is ${seconds(skewMs)} ${skewMs > 0 ? 'ahead of' : 'behind'} ours: set both by NTP` : 'agrees with the database'}`,
    `Disk      ${megabytes(facts.diskFreeBytes)} free`,
    `Lenses    ${String(lens.files)} files here, ${megabytes(lens.bytes)}${lens.oldest === null ? '' : `, the oldest of ${lens.oldest.toISOString()}`}`,
    ...lensNodes.map(
      ({ url, role, silentMs }) =>
        `${indent}${role} process at ${url}${silentMs === null ? '' : `, silent for ${seconds(silentMs)}`}`,
    ),
  ];
}

function durability({ durable, archived, archiveFailures }: InstallationFacts): string[] {
  return [
    ...(durable ? [] : ['fsync or full_page_writes is off: a crash of its machine may destroy it']),
    archived
      ? `its log is archived${archiveFailures > 0 ? `; ${String(archiveFailures)} attempts failed, see pg_stat_archiver` : ''}`
      : 'archive_mode is off: it cannot be restored to a moment, see docs/operating.md',
  ];
}

const megabytes = (bytes: number): string => `${String(Math.round(bytes / MB))} MB`;
const seconds = (ms: number): string => `${String(Math.round(Math.abs(ms) / 1_000))} s`;

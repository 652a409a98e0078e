import { existsSync } from 'node:fs';
import {
  connectionConditions,
  createLog,
  dataDirOf,
  inspectInstallation,
  openGantry,
  readConfig,
  type InstallationFacts,
} from '../../app/index.ts';
import { GantryError, limits, systemClock, systemRandom } from '../../kernel/index.ts';
import { listTenants, type Db } from '../../store/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { conditionLines } from '../connection-text.ts';
import { alerts } from './alerts.ts';

export const doctor: Command = {
  name: 'doctor',
  usage: 'doctor',
  summary: 'what this installation stands on, and what to know about it',
  run: async (context) => {
    const { args, env, out } = context;
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
    const gantry = await openGantry({ config, emit: createLog('silent') }).catch(unlessLocked);
    if (gantry instanceof GantryError) {
      for (const line of heldLines(gantry)) out(line);
      return (await alertsOfServer(context)) ? 0 : 1;
    }
    try {
      const { kind, serverVersion } = gantry.db;
      out(`Database  PostgreSQL ${serverVersion}${kind === 'pglite' ? ', embedded' : ''}`);
      if (kind === 'pglite')
        out('          survives a killed process, not a power cut: use DATABASE_URL for what cannot be fetched again');
      for (const line of linesOf(await inspectInstallation({ config, db: gantry.db, clock: systemClock }), kind))
        out(line);
      const applied = await gantry.revisions.current();
      out(
        `Project   ${applied === null ? 'none applied yet: gantry apply FOLDER' : `${applied.manifest.project}, revision ${String(applied.revision)}`}`,
      );
      const tenants = (await listTenants(gantry.db)).length;
      out(`Tenants   ${tenants === 0 ? 'none yet: gantry tenant create SLUG' : String(tenants)}`);
      for (const line of await connectionsOf(gantry.db)) out(line);
      out(
        `Operator  ${config.operatorKey === null ? 'no key set: set GANTRY_OPERATOR_KEY here and at the server, or connect, sync, status and others cannot ask it' : 'key set'}`,
      );
      for (const name of applied?.manifest.integrations.keys() ?? []) {
        out(
          `OAuth     ${name}: ${config.oauthApps.has(name) ? 'app configured' : `no app configured: set GANTRY_APP_${name.toUpperCase()}_CLIENT_ID and _CLIENT_SECRET, unless its customers connect without a browser`}`,
        );
      }
    } finally {
      await gantry.close();
    }
    return 0;
  },
};

const unlessLocked = (error: unknown): GantryError => {
  if (error instanceof GantryError && error.code === 'store_locked') return error;
  throw error;
};

/** A server that runs has the embedded database for itself, and knows better than a second look would. */
const heldLines = ({ message }: GantryError): string[] => [
  'Database  embedded',
  `${INDENT}${message}`,
  `${INDENT}that process tells the state of one customer: gantry status --tenant SLUG`,
  `${INDENT}stop it to look from here: gantry doctor`,
];

/** What is wrong with anybody, as the running server says. False: it could not be asked. */
async function alertsOfServer(context: CommandContext): Promise<boolean> {
  const { out } = context;
  try {
    await alerts.run({ ...context, args: [], out: (line) => out(`Alerts    ${line}`) });
    return true;
  } catch (error) {
    if (!(error instanceof GantryError)) throw error;
    const { where, message, fix } = error.toBody();
    out(`Alerts    ${where === undefined ? '' : `${where}: `}${message} ${fix}`);
    return false;
  }
}

/** Every connection of every tenant: a line where all is well, and where not, what it is, who can change it and how. */
async function connectionsOf(db: Db): Promise<string[]> {
  const lines: string[] = [];
  for (const { id, slug } of await listTenants(db)) {
    for (const condition of await connectionConditions(db, { id, slug })) {
      const [first = '', ...more] = conditionLines(condition, slug);
      lines.push(`${INDENT}${slug}, ${first}`, ...more.map((line) => `${INDENT}${line}`));
    }
  }
  return lines;
}

const INDENT = ' '.repeat(10);

const MB = 1_000_000;
/** Tokens and leases do not mind less. */
const SKEW_TOLD_MS = 1_000;

function linesOf(facts: InstallationFacts, kind: 'pglite' | 'postgres'): string[] {
  const { migrations, unknownMigrations, lens, lensNodes, skewMs, skewErrorMs } = facts;
  const newer =
    unknownMigrations.length === 0
      ? ''
      : `; a newer program brought ${unknownMigrations.join(', ')}: replace this one by that version, too`;
  const skewed = Math.abs(skewMs) > SKEW_TOLD_MS + skewErrorMs;
  return [
    `${INDENT}${megabytes(facts.bytes)}, schema ${migrations.at(-1) ?? 'empty'}${newer}`,
    ...(kind === 'postgres' ? durability(facts).map((line) => INDENT + line) : []),
    `Clock     ${skewed ? `the database's is ${seconds(skewMs)} ${skewMs > 0 ? 'ahead of' : 'behind'} ours: set both by NTP` : 'agrees with the database'}`,
    `Disk      ${megabytes(facts.diskFreeBytes)} free${facts.diskFreeBytes < limits.storeRoomNearMb * 2 ** 20 ? `: make room, below ${String(limits.storeRoomMb)} MB nothing is written` : ''}`,
    `Lenses    ${String(lens.files)} files here, ${megabytes(lens.bytes)}${lens.oldest === null ? '' : `, the oldest of ${lens.oldest.toISOString()}`}`,
    ...lensNodes.map(
      ({ url, role, silentMs }) =>
        `${INDENT}${role} process at ${url}${silentMs === null ? '' : `, silent for ${seconds(silentMs)}: unless somebody stopped it, look at its log; others answer meanwhile`}`,
    ),
  ];
}

function durability({ durable, archived, archiveFailures }: InstallationFacts): string[] {
  return [
    ...(durable ? [] : ['fsync or full_page_writes is off: a crash of its machine may destroy it']),
    archived
      ? `its log is archived${archiveFailures > 0 ? `; ${String(archiveFailures)} attempts failed, see pg_stat_archiver` : ''}`
      : 'archive_mode is off, so it cannot be restored to a moment: see "Backup and restore" in docs/operating.md',
  ];
}

const megabytes = (bytes: number): string => `${String(Math.round(bytes / MB))} MB`;
const seconds = (ms: number): string => `${String(Math.round(Math.abs(ms) / 1_000))} s`;

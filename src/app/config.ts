import { mkdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import type { AlertTargets } from '../alerts/index.ts';
import type { OAuthApp } from '../connectors/index.ts';
import { GantryError, limits, type Random } from '../kernel/index.ts';
import { masterKeyFromFile, masterKeyFromText } from '../vault/index.ts';
import { alertTargetsIn } from './alerts/alert-config.ts';
import { auditConfigIn, type AuditConfig } from './audit/audit-config.ts';
import { hideSecrets } from './hide-secrets.ts';
import { identityConfigIn, type IdentityConfig } from './identity/identity-config.ts';

/** Everything that the surroundings decide. Read once, here; nothing else looks at the environment. */
export interface Config extends Partial<AuditConfig> {
  /** Lens files, the embedded database and the local master key. */
  readonly dataDir: string;
  /** Null: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly host: string;
  readonly port: number;
  /** What browsers and providers reach us by, no trailing slash. */
  readonly publicUrl: string;
  /** Where the other processes on the same PostgreSQL reach this one, no trailing slash; null: where it listens. */
  readonly peerUrl: string | null;
  /** Where copies of lens files are kept for processes that have none; null: nowhere. */
  readonly lensSnapshots: string | null;
  /** Lens files that are open at the same time. */
  readonly lensOpenMax: number;
  /** Further host names under which the doors answer, beside loopback and `publicUrl`. */
  readonly allowedHosts: readonly string[];
  /** 32 bytes; wraps the tenants' data keys. */
  readonly masterKey: Uint8Array;
  /** Those before it or after it, while it is exchanged: they open, and nothing new is sealed under them. */
  readonly otherMasterKeys: readonly Uint8Array[];
  /** Bearer key of the operator endpoints; null: they are closed. */
  readonly operatorKey: string | null;
  /** OAuth applications by integration name. */
  readonly oauthApps: ReadonlyMap<string, OAuthApp>;
  /** Login addresses by integration name, also of integrations without an application: trusted whatever a provider's hosts are. */
  readonly loginUrls: ReadonlyMap<string, string>;
  /** Where lines of events are held, by integration name, where it is not the provider's usual address. */
  readonly eventsUrls?: ReadonlyMap<string, string>;
  /** Calls to providers leave through it; null: straight. */
  readonly outboundProxy: string | null;
  /** Events may be sent to receivers on this machine. */
  readonly eventsToLoopback?: boolean;
  /** Who may say who somebody is; absent: keys only, and our own authorization server. */
  readonly identity?: IdentityConfig;
  readonly logLevel: string;
  /** Origins to which people may be sent back from the connect page. */
  readonly connectReturnOrigins: readonly string[];
  /** Where alerts go; absent: nowhere. */
  readonly alertTargets?: AlertTargets;
  /** Alerts may be sent to addresses in private networks. */
  readonly alertsToPrivate?: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where everything of ours lies on this machine: `GANTRY_DATA_DIR`, relative to the folder that one starts in. */
export const dataDirOf = (env: Environment): string => resolve(env['GANTRY_DATA_DIR'] ?? '.gantry');

/**
 * `GANTRY_DATA_DIR` (.gantry), `DATABASE_URL`, `GANTRY_HOST` (127.0.0.1),
 * `GANTRY_PORT` (7070), `GANTRY_PUBLIC_URL`, `GANTRY_PEER_URL`, `GANTRY_LENS_SNAPSHOTS`, `GANTRY_ALLOWED_HOSTS` (comma
 * separated), `GANTRY_MASTER_KEY` (base64, 32 bytes), `GANTRY_OPERATOR_KEY`,
 * `GANTRY_OTHER_MASTER_KEYS` (comma separated; open only), `GANTRY_OUTBOUND_PROXY`,
 * the audit's (audit-config.ts), who may say who somebody is (identity-config.ts), `GANTRY_LOG_LEVEL` (info), what alerts need (alert-config.ts), `GANTRY_ALERTS_TO_PRIVATE`, and per integration
 * `GANTRY_APP_<INTEGRATION>_CLIENT_ID`, `_CLIENT_SECRET`, `_LOGIN_URL` (alone
 * where the provider is connected with credentials), `_EVENTS_URL`.
 */
export async function readConfig(env: Environment, random: Random): Promise<Config> {
  const dataDir = dataDirOf(env);
  const host = env['GANTRY_HOST'] ?? '127.0.0.1';
  const port = portIn(env['GANTRY_PORT'] ?? '7070');
  const publicUrl = (env['GANTRY_PUBLIC_URL'] ?? `http://${host}:${String(port)}`).replace(/\/+$/, '');
  const config: Config = {
    dataDir,
    ...auditConfigIn(env),
    databaseUrl: env['DATABASE_URL'] ?? null,
    host,
    port,
    publicUrl,
    peerUrl: env['GANTRY_PEER_URL']?.replace(/\/+$/, '') ?? null,
    lensSnapshots: env['GANTRY_LENS_SNAPSHOTS'] === undefined ? null : resolve(env['GANTRY_LENS_SNAPSHOTS']),
    lensOpenMax: lensOpenMaxIn(env['GANTRY_LENS_OPEN_MAX']),
    allowedHosts: (env['GANTRY_ALLOWED_HOSTS'] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    masterKey: await masterKey(env['GANTRY_MASTER_KEY'], dataDir, env['DATABASE_URL'] !== undefined, random),
    otherMasterKeys: (env['GANTRY_OTHER_MASTER_KEYS'] ?? '')
      .split(',')
      .filter((text) => text.trim() !== '')
      .map((text) => masterKeyFromText(text, 'GANTRY_OTHER_MASTER_KEYS')),
    operatorKey: env['GANTRY_OPERATOR_KEY'] ?? null,
    ...appsIn(env),
    identity: await identityConfigIn(env, publicUrl),
    outboundProxy: env['GANTRY_OUTBOUND_PROXY'] ?? null,
    eventsToLoopback: env['GANTRY_EVENTS_TO_LOOPBACK'] === '1',
    logLevel: env['GANTRY_LOG_LEVEL'] ?? 'info',
    connectReturnOrigins: returnOrigins(env['GANTRY_CONNECT_RETURN_ORIGINS'] ?? ''),
    alertTargets: alertTargetsIn(env),
    alertsToPrivate: env['GANTRY_ALERTS_TO_PRIVATE'] === '1',
  };
  return hideSecrets(config, ['databaseUrl', 'masterKey', 'otherMasterKeys', 'operatorKey', 'outboundProxy']);
}

function lensOpenMaxIn(text: string | undefined): number {
  if (text === undefined) return openFilesHere();
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= OPEN_FILES_MAX) return count;
  throw new GantryError('config_invalid', {
    message: `"${text.slice(0, 80)}" is not a number of files.`,
    where: 'GANTRY_LENS_OPEN_MAX',
    fix: `Set it to a whole number from 1 to ${String(OPEN_FILES_MAX)}, or leave it out: the machine's memory decides then.`,
  });
}

/** Each takes two file handles and a thread or more; systems end processes at some ten thousands of these. */
const OPEN_FILES_MAX = 10_000;

/** Pure: how many files of small tenants may be open on a machine of this size. */
export function openFilesFor(memoryMb: number): number {
  const fitting = Math.floor((memoryMb * limits.lensOpenMemoryShare) / limits.lensFileMemoryMb);
  return Math.min(limits.lensOpenMax, Math.max(limits.lensOpenMin, fitting));
}

/** The same for this machine, or for the container's bound where there is one. */
export function openFilesHere(): number {
  const bound = process.constrainedMemory();
  return openFilesFor((bound > 0 ? Math.min(bound, totalmem()) : totalmem()) / 2 ** 20);
}

/** Origins only: a path would promise a bound that a browser's redirects do not keep. */
function returnOrigins(text: string): string[] {
  const given = text
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
  for (const origin of given) {
    if (URL.canParse(origin) && new URL(origin).origin === origin && /^https?:/.test(origin)) continue;
    throw new GantryError('config_invalid', {
      message: `"${origin.slice(0, 200)}" is not an origin.`,
      where: 'GANTRY_CONNECT_RETURN_ORIGINS',
      fix: 'Write each as https://app.example.com, without a path, comma separated.',
    });
  }
  return given;
}

function portIn(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new GantryError('config_invalid', { message: `"${text}" is not a port.`, where: 'GANTRY_PORT' });
}

/**
 * A key beside an embedded database is made on first use; a shared database
 * needs one key for all its processes, so there it has to be given.
 */
async function masterKey(
  given: string | undefined,
  dataDir: string,
  shared: boolean,
  random: Random,
): Promise<Uint8Array> {
  if (given !== undefined) return masterKeyFromText(given, 'GANTRY_MASTER_KEY');
  if (shared) {
    throw new GantryError('config_invalid', {
      message: 'With DATABASE_URL, the master key must be given: every process needs the same one.',
      where: 'GANTRY_MASTER_KEY',
      fix: 'Set it to 32 random bytes in base64: openssl rand -base64 32.',
    });
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  return masterKeyFromFile(join(dataDir, 'master.key'), random);
}

const APP_VARIABLE = /^GANTRY_APP_([A-Z0-9_]+)_(CLIENT_ID|CLIENT_SECRET|LOGIN_URL|EVENTS_URL)$/;

function appsIn(env: Environment): Pick<Config, 'oauthApps' | 'loginUrls' | 'eventsUrls'> {
  const parts = new Map<string, Map<string, string>>();
  for (const [name, value] of Object.entries(env)) {
    const match = APP_VARIABLE.exec(name);
    if (match === null || value === undefined) continue;
    const integration = (match[1] ?? '').toLowerCase();
    parts.set(integration, (parts.get(integration) ?? new Map<string, string>()).set(match[2] ?? '', value));
  }
  const apps = new Map<string, OAuthApp>();
  const loginUrls = new Map<string, string>();
  const eventsUrls = new Map<string, string>();
  for (const [integration, values] of parts) {
    const clientId = values.get('CLIENT_ID');
    const clientSecret = values.get('CLIENT_SECRET');
    const loginUrl = (values.get('LOGIN_URL') ?? '').replace(/\/+$/, '');
    if (loginUrl !== '') loginUrls.set(integration, loginUrl);
    const eventsUrl = (values.get('EVENTS_URL') ?? '').replace(/\/+$/, '');
    if (eventsUrl !== '') eventsUrls.set(integration, eventsUrl);
    if (clientId !== undefined) {
      const app: OAuthApp = { clientId, clientSecret: clientSecret ?? '', loginUrl };
      apps.set(integration, hideSecrets(app, ['clientSecret']));
    } else if (clientSecret !== undefined) {
      throw new GantryError('config_invalid', {
        message: `The OAuth application of integration ${integration} has no client id.`,
        where: `GANTRY_APP_${integration.toUpperCase()}_CLIENT_ID`,
      });
    }
  }
  return { oauthApps: apps, loginUrls, eventsUrls };
}

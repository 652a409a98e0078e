import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtPrograms } from '../../bin/built.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Registered with the sandbox at start; nothing listens there: scripts read the code from the redirect itself. */
const REDIRECT_URI = 'http://127.0.0.1:9/callback';

export interface SandboxUser {
  readonly username: string;
  readonly password: string;
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** People who left cannot sign in; their records stay. */
  readonly active: boolean;
  /** Where programs sign in with a key of the user's. */
  readonly apiKey?: string;
}

export interface SandboxHealth {
  readonly provider: string;
  readonly seed: number;
  readonly scale: number;
  readonly company: 'acme' | 'globex';
  readonly anchor: string;
  readonly now: string;
  readonly url: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly users: readonly SandboxUser[];
  readonly oauth: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly redirectUris: readonly string[];
  } | null;
  /** What else a client has to know to sign in, such as the name of a database. */
  readonly details: Readonly<Record<string, string>>;
}

/** A provider sandbox in its own process, with its control API. */
export interface RunningSandboxProcess {
  readonly url: string;
  readonly pid: number;
  /** As printed at start. */
  readonly health: SandboxHealth;
  readonly redirectUri: string;
  /** The registered OAuth application, as a client configures it; empty where the provider has no OAuth. */
  readonly app: { readonly clientId: string; readonly clientSecret: string; readonly loginUrl: string };
  /** Calls the control API: `control('POST', 'mutate', {...})`. */
  control<Answer = unknown>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
  /** Creates, updates, deletes or undeletes a record as a user of the customer would. */
  mutate(change: {
    op: 'create' | 'update' | 'delete' | 'undelete';
    object: string;
    id?: string;
    fields?: Readonly<Record<string, unknown>>;
  }): Promise<{ id: string; record: Record<string, unknown> | null }>;
  stop(): Promise<void>;
}

export interface SandboxStart {
  readonly seed?: number;
  readonly scale?: number;
  /** Default acme. */
  readonly company?: 'acme' | 'globex';
  /** Odoo only. Default 19. */
  readonly odooVersion?: 19 | 17 | 14;
  /** Salesforce only: custom fields of an object that comes on top, 10 to 800. */
  readonly wide?: number;
  /** Salesforce only: texts of up to 100 kB on some records. */
  readonly longTexts?: boolean;
  /** Salesforce only: without the external id field for programs that write. */
  readonly withoutMarker?: boolean;
  /** Salesforce only: file with the certificate of the OAuth app, for JWT bearer. */
  readonly certificate?: string;
  /** Salesforce only: so many users with roles, groups, rules and profiles, 20 to 200; everything is private then. */
  readonly users?: number;
  readonly anchor?: string;
  readonly ledger?: string;
  readonly port?: number;
  /** Besides the helper's own. */
  readonly redirectUris?: readonly string[];
}

/** Starts the program of `sandbox/main.ts` and waits until it says that it listens. */
export async function startSandbox(
  provider: 'salesforce' | 'zendesk' | 'odoo' | 'google_calendar',
  options: SandboxStart = {},
): Promise<RunningSandboxProcess> {
  const built = await builtPrograms(root);
  const program = built === null ? ['--import', 'tsx', 'sandbox/main.ts'] : [join(built, 'sandbox/main.js')];
  const args = [...program, provider, '--port', String(options.port ?? 0)];
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) args.push(`--${name}`, String(value));
  };
  add('seed', options.seed);
  add('scale', options.scale ?? 2_000);
  add('company', options.company);
  add('odoo-version', options.odooVersion);
  add('wide', options.wide);
  if (options.longTexts === true) args.push('--long-texts');
  if (options.withoutMarker === true) args.push('--without-marker');
  add('certificate', options.certificate);
  add('users', options.users);
  add('anchor', options.anchor);
  add('ledger', options.ledger);
  for (const uri of [REDIRECT_URI, ...(options.redirectUris ?? [])]) add('redirect-uri', uri);
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const health = await readyLine(child);
  return {
    url: health.url,
    pid: child.pid ?? 0,
    health,
    redirectUri: REDIRECT_URI,
    app: {
      clientId: health.oauth?.clientId ?? '',
      clientSecret: health.oauth?.clientSecret ?? '',
      loginUrl: health.url,
    },
    control: (method, path, body) => controlCall(health.url, method, path, body),
    mutate: (change) => controlCall(health.url, 'POST', 'mutate', change),
    stop: () => stopped(child),
  };
}

async function readyLine(child: ChildProcess): Promise<SandboxHealth> {
  return new Promise((resolve, reject) => {
    let out = '';
    let err = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const end = out.indexOf('\n');
      if (end >= 0) resolve(JSON.parse(out.slice(0, end)) as SandboxHealth);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`the sandbox ended with code ${String(code)} before it was ready: ${err}`));
    });
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exit;
  clearTimeout(force);
}

async function controlCall<Answer>(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${url}/__sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`control ${method} ${path}: ${String(response.status)} ${text}`);
  return (text === '' ? null : JSON.parse(text)) as Answer;
}

export function adminOf(sandbox: RunningSandboxProcess): SandboxUser {
  const admin = sandbox.health.users.find((user) => user.role.toLowerCase().includes('admin'));
  if (admin === undefined) throw new Error('the sandbox has no administrator');
  return admin;
}

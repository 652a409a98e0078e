import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLog, openGantry, readConfig, type Gantry } from '../../src/app/index.ts';
import { commands } from '../../src/cli/all-commands.ts';
import { doctor } from '../../src/cli/commands/doctor.ts';
import {
  GantryError,
  systemRandom,
  type ConnectionId,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../../src/kernel/index.ts';
import { readProject } from '../../src/manifest/index.ts';
import type { NativeField, NativeObject } from '../../src/schema/index.ts';
import {
  addConnection,
  addLetter,
  addTenant,
  beginSweep,
  claimDue,
  ensureStream,
  holdSweep,
  keepEvents,
  noteSeen,
  release,
  saveQuarantine,
  saveSchemaVersion,
  settleEvents,
  wantLine,
  type Tx,
} from '../../src/store/index.ts';
import { ingest, version } from '../store/fixtures.ts';

const example = fileURLToPath(new URL('../../examples/renewals', import.meta.url));

/** One customer with a Salesforce connection at which several things went wrong. */
export interface Troubled {
  readonly slug: string;
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly account: StreamId;
  readonly contact: StreamId;
}

export interface SyncDoors {
  readonly gantry: Gantry;
  readonly acme: Troubled;
  readonly globex: Troubled;
  ask(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly body: JsonObject }>;
  /** A command in this process, against the server over HTTP. */
  run(...words: string[]): Promise<{ readonly code: number; readonly out: string }>;
  /** What `gantry doctor` says once the server is down. */
  doctor(): Promise<string>;
  close(): Promise<void>;
}

/** A whole server on the embedded database, without a worker: nothing moves but what the doors do. */
export async function openSyncDoors(): Promise<SyncDoors> {
  const operatorKey = randomBytes(24).toString('base64url');
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-doors-'));
  const env = { GANTRY_DATA_DIR: dataDir, GANTRY_PORT: '0', GANTRY_OPERATOR_KEY: operatorKey };
  const gantry = await openGantry({ config: await readConfig(env, systemRandom), emit: createLog('silent') });
  await gantry.revisions.apply({ files: await readProject(example), author: 'test', message: 'first' });
  const { url } = await gantry.openDoors();
  const acme = await troubled(gantry, 'acme');
  const globex = await troubled(gantry, 'globex');
  return {
    gantry,
    acme,
    globex,
    ask: async (method, path, body) => {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as JsonObject };
    },
    run: async (...words) => {
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
      return { code, out: lines.join('\n') };
    },
    doctor: async () => {
      await gantry.close();
      const lines: string[] = [];
      await doctor.run({ args: [], env, out: (text) => lines.push(text), untilAsked: async () => undefined });
      return lines.join('\n');
    },
    close: async () => {
      await gantry.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const field = (name: string, type: NativeField['type']): NativeField => ({
  name,
  label: name,
  type,
  nativeType: type,
  nullable: true,
  custom: false,
  writable: true,
});

/** Account with a telephone number, which somebody once took for a number. */
export const accountWith = (phone: 'number' | 'string'): NativeObject => ({
  name: 'Account',
  label: 'Account',
  fields: [field('Id', 'id'), field('Name', 'string'), field('Phone', phone)],
  custom: false,
  idField: 'Id',
  linkTemplate: null,
});

/** 300 accounts of which all but two did not appear, two values that do not fit, two dead letters, two dead events. */
async function troubled({ db }: Gantry, slug: string): Promise<Troubled> {
  const tenant = await addTenant(db, { slug, at: new Date('2026-01-01') });
  const made = await db.tenantTx(tenant, async (tx) => {
    const connection = await addConnection(tx, {
      tenant,
      slug: 'crm',
      integration: 'crm',
      provider: 'salesforce',
      state: 'working',
    });
    const stream = (object: string): Promise<StreamId> =>
      ensureStream(tx, { tenant, connection, object, everyS: 3_600 });
    return { slug, tenant, connection, account: await stream('Account'), contact: await stream('Contact') };
  });
  const at = { tenant, stream: made.account };
  const accounts = Array.from({ length: 300 }, (_, index) =>
    version(`a${String(index)}`, { Name: `A ${String(index)}` }),
  );
  await ingest(db, at, accounts);
  await db.tenantTx(tenant, async (tx) => {
    await holdDeletions(tx, made);
    const schema = await saveSchemaVersion(tx, { ...at, object: accountWith('number') });
    const unfit = (value: string) => [
      { field: 'Phone', reason: 'expected a number, got text', value, native: JSON.stringify(value) },
    ];
    const records = [
      { id: 'a1', fields: unfit(`+49 secret of ${slug}`) },
      { id: 'a2', fields: unfit('none') },
    ];
    await saveQuarantine(tx, { ...at, schemaVersion: schema.version, records });
    const failure = {
      state: 'dead',
      code: 'upstream_malformed',
      class: 'malformed_response',
      bytesHash: 'abc',
    } as const;
    const letter = { tenant, stream: made.contact, kind: 'record', place: null } as const;
    await addLetter(tx, { ...letter, ...failure, name: 'c1' });
    await addLetter(tx, { ...letter, ...failure, name: 'c2' });
    await deadEvents(tx, made, ['e1', 'e2']);
    await wantLine(tx, made);
  });
  return made;
}

/** As a comparison leaves it that saw two of 300 records. */
export async function holdDeletions(tx: Tx, { tenant, account }: Pick<Troubled, 'tenant' | 'account'>): Promise<void> {
  const key = { tenant, stream: account };
  await beginSweep(tx, { ...key, kind: 'reading' });
  await noteSeen(tx, key, ['a1', 'a2']);
  await holdSweep(tx, key, { missing: 298, compared: 300, at: tx.now, grantsChanged: false });
  await tx.query('update stream set due_at = $2 where tenant = $1', [tenant, tx.now]);
  const claimed = await claimDue(tx, { tenant, worker: 'w', leaseMs: 60_000, limit: 10 });
  const error = new GantryError('sync_deletions_held', { message: '298 of 300 records were missing.' }).toBody();
  for (const { id } of claimed)
    await release(tx, { tenant, stream: id, worker: 'w' }, { error: id === account ? error : null });
}

async function deadEvents(tx: Tx, key: Pick<Troubled, 'tenant' | 'connection'>, ids: readonly string[]): Promise<void> {
  const { tenant, connection } = key;
  const events = ids.map((id) => ({
    id,
    object: 'Contact',
    recordId: `c-${id}`,
    what: 'changed' as const,
    at: tx.now,
  }));
  await keepEvents(tx, { tenant, connection, events });
  const error = new GantryError('upstream_forbidden', { message: 'The user may not read Contact.' }).toBody();
  await settleEvents(tx, { tenant, connection }, { ids, state: 'dead', dueAt: tx.now, error });
}

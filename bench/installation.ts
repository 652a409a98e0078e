import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createAgentKey,
  createTenant,
  openFilesHere,
  openGantry,
  type Gantry,
  type GantryEvent,
} from '../src/app/index.ts';
import { systemRandom, type TenantId } from '../src/kernel/index.ts';
import {
  addConnection,
  ensureStream,
  ingestPage,
  saveSchemaVersion,
  type IngestRecord,
  type Tx,
} from '../src/store/index.ts';
import { projectFiles, type MadeObject } from './made-project.ts';

/** Gantry on an embedded database, with the made-up project applied and no provider in reach. */
export interface Installation {
  readonly gantry: Gantry;
  readonly lensDir: string;
  readonly dataDir: string;
  close(): Promise<void>;
}

export async function openInstallation(emit: (event: GantryEvent) => void, snapshots = false): Promise<Installation> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-bench-'));
  const gantry = await openGantry({
    config: {
      dataDir,
      databaseUrl: process.env['DATABASE_URL'] ?? null,
      host: '127.0.0.1',
      port: 0,
      publicUrl: 'http://127.0.0.1:7070',
      allowedHosts: [],
      peerUrl: null,
      lensSnapshots: snapshots ? join(dataDir, 'snapshots') : null,
      lensOpenMax: openFilesHere(),
      masterKey: systemRandom.bytes(32),
      otherMasterKeys: [],
      connectReturnOrigins: [],
      outboundProxy: null,
      operatorKey: null,
      oauthApps: new Map(),
      loginUrls: new Map(),
      logLevel: 'silent',
    },
    emit,
  });
  await gantry.revisions.apply({ files: projectFiles(), author: 'bench', message: 'bench' });
  const close = async (): Promise<void> => {
    await gantry.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { gantry, lensDir: join(dataDir, 'lens'), dataDir, close };
}

export interface MadeTenant {
  readonly id: TenantId;
  readonly agentKey: string;
}

const PAGE = 1_000;

/** A customer whose objects are already there, written as sync writes them; nothing of it is ever due. */
export async function addMadeTenant(
  { db, revisions }: Gantry,
  slug: string,
  objects: readonly MadeObject[],
): Promise<MadeTenant> {
  const id = await createTenant(db, slug);
  const streams = await db.tenantTx(id, async (tx) => {
    const connection = { slug: 'crm', integration: 'crm', provider: 'salesforce', state: 'working' };
    const added = await addConnection(tx, { ...connection, tenant: id });
    const all = [];
    for (const made of objects) {
      const { object } = made;
      const stream = await ensureStream(tx, { tenant: id, connection: added, object: object.name, everyS: 86_400 });
      await saveSchemaVersion(tx, { tenant: id, stream, object });
      await keepPage(tx, id, stream, pageOf(made, 0));
      all.push({ stream, made });
    }
    const never = new Date(tx.now.getTime() + 365 * 86_400_000);
    await tx.query('update stream set due_at = $2 where tenant = $1', [id, never]);
    return all;
  });
  for (const { stream, made } of streams) {
    for (let start = PAGE; start < made.count; start += PAGE) {
      await db.tenantTx(id, (tx) => keepPage(tx, id, stream, pageOf(made, start)));
    }
  }
  const request = { tenant: slug, agent: 'reader', label: 'bench', expiresInDays: null };
  return { id, agentKey: await createAgentKey({ db, revisions, random: systemRandom }, request) };
}

const pageOf = ({ count, record }: MadeObject, start: number): IngestRecord[] =>
  Array.from({ length: Math.min(PAGE, count - start) }, (_, at) => record(start + at));

async function keepPage(
  tx: Tx,
  tenant: TenantId,
  stream: Awaited<ReturnType<typeof ensureStream>>,
  records: readonly IngestRecord[],
): Promise<void> {
  const at = { seenAt: tx.now, asOf: tx.now };
  await ingestPage(tx, { tenant, stream, records, cursor: null, phase: 'current', ...at });
}

import { GantryError, revisionId, type Json, type RevisionId } from '../kernel/index.ts';
import { jsonbText } from './jsonb-text.ts';
import { readSetting, writeSetting } from './settings.ts';
import { lookAtTenants } from './tenant-schedule.ts';
import type { Directory } from './tenants.ts';

/** An applied manifest: its files as they were. Never changed, never deleted. */
export interface RevisionSummary {
  readonly id: RevisionId;
  readonly createdAt: Date;
  readonly author: string;
  readonly message: string;
  readonly contentHash: string;
}

export interface Revision extends RevisionSummary {
  readonly content: Json;
}

const summary = 'id, created_at as "createdAt", author, message, content_hash as "contentHash"';

export const revisionsSql = {
  // Any number of its own, the same for all processes of Gantry.
  lock: 'select pg_advisory_xact_lock(7114212)',
  add: `insert into revision (created_at, author, message, content, content_hash)
    values ($1, $2, $3, $4::text::jsonb, $5) returning id`,
  read: `select ${summary}, content from revision where id = $1`,
  list: `select ${summary} from revision order by id desc limit $1`,
} as const;

/** Until the transaction ends, nobody else changes the revision in force or an overlay: these are checked together. */
export async function lockProject(tx: Directory): Promise<void> {
  await tx.query(revisionsSql.lock);
}

export interface NewRevision {
  readonly at: Date;
  readonly author: string;
  readonly message: string;
  readonly content: Json;
  readonly contentHash: string;
}

/** Keeps it; does not make it current. */
export async function addRevision(db: Directory, revision: NewRevision): Promise<RevisionId> {
  const { at, author, message, content, contentHash } = revision;
  const text = jsonbText(JSON.stringify(content));
  const [row] = await db.query<{ id: number }>(revisionsSql.add, [at, author, message, text, contentHash]);
  if (row === undefined) throw new Error('the revision was not saved');
  return revisionId(row.id);
}

/** Makes a revision the one in force, be it new or old (rollback). Raises `not_found`. */
export async function setCurrentRevision(db: Directory, id: RevisionId): Promise<void> {
  if ((await readRevision(db, id)) === null) {
    throw new GantryError('not_found', { message: `There is no revision ${id}.`, fix: 'List the revisions.' });
  }
  await writeSetting(db, 'current_revision', id);
  await lookAtTenants(db, null);
}

export async function readRevision(db: Directory, id: RevisionId): Promise<Revision | null> {
  return (await db.query<Revision>(revisionsSql.read, [id]))[0] ?? null;
}

/** The revision in force; null before the first apply. */
export async function currentRevision(db: Directory): Promise<Revision | null> {
  const id = await currentRevisionId(db);
  return id === null ? null : readRevision(db, id);
}

/** Which one that is, without its files. */
export async function currentRevisionId(db: Directory): Promise<RevisionId | null> {
  const id = await readSetting(db, 'current_revision');
  return typeof id === 'number' ? revisionId(id) : null;
}

/** Newest first. */
export async function listRevisions(db: Directory, limit: number): Promise<RevisionSummary[]> {
  return db.query<RevisionSummary>(revisionsSql.list, [limit]);
}

import {
  INSTALLATION_CHAIN,
  INSTALLATION_NAME,
  isSigned,
  readCheckpointFile,
  verifyAudit,
  type PublicKeys,
  type SignedCheckpoint,
} from '../../audit/index.ts';
import type { JsonObject, TenantId } from '../../kernel/index.ts';
import { listCheckpoints, type Db } from '../../store/index.ts';
import { requireTenant } from '../connections/connection-use-cases.ts';

export interface VerifiedOf {
  readonly tenant: TenantId;
  readonly slug: string;
  /** Of a checkpoint file: a line each. */
  readonly text: string;
  /** By id. */
  readonly publicKeys: PublicKeys;
}

/** A tenant's chain, or, where none is named, that of the whole installation. Raises `not_found`. */
export async function chainOf(db: Db, slug: string | undefined): Promise<Pick<VerifiedOf, 'tenant' | 'slug'>> {
  if (slug === undefined) return { tenant: INSTALLATION_CHAIN, slug: INSTALLATION_NAME };
  return { tenant: await requireTenant(db, slug), slug };
}

/** Works the chain out anew, against the checkpoints of the database and those of a file. */
export async function verifiedReport(db: Db, { tenant, slug, text, publicKeys }: VerifiedOf): Promise<JsonObject> {
  const kept = await db.tenantRead(tenant, (tx) => listCheckpoints(tx, tenant));
  const inside = kept.map((row) => ({ ...row, tenant: slug, number: tenant }));
  const { lines: outside, torn } = readCheckpointFile(text);
  const all = [...inside, ...outside];
  const isOwn = (each: SignedCheckpoint): boolean => each.tenant === slug && each.number === tenant;
  const good = all.filter((each) => each !== null && isOwn(each) && isSigned(each, publicKeys));
  const checkpoints = good.filter((each) => each !== null);
  const report = await verifyAudit(db, tenant, checkpoints, publicKeys);
  return {
    ok: report.findings.length === 0 && good.length === all.length,
    entries: report.entries,
    erased: report.erased,
    end: report.end,
    checkpoints: { database: inside.length, file: outside.length, torn, badly_signed: all.length - good.length },
    last_checkpoint: checkpoints.toSorted((one, other) => other.seq - one.seq)[0]?.at.toISOString() ?? null,
    findings: report.findings.map(({ kind, seq }) => ({ kind, seq })),
  };
}

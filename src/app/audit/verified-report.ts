import {
  INSTALLATION_CHAIN,
  INSTALLATION_NAME,
  isKeyUnknown,
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
  const own = all.filter((each) => each !== null).filter(isOwn);
  const checkpoints = own.filter((each) => isSigned(each, publicKeys));
  const unknown = own.filter((each) => isKeyUnknown(each, publicKeys));
  const unproven = unknown.map((each) => ({ ...each, keyUnknown: true }) as const);
  const report = await verifyAudit(db, tenant, [...checkpoints, ...unproven], publicKeys);
  const badly = all.length - checkpoints.length - unknown.length;
  return {
    ok: report.findings.length === 0 && checkpoints.length === all.length,
    entries: report.entries,
    erased: report.erased,
    end: report.end,
    checkpoints: {
      database: inside.length,
      file: outside.length,
      torn,
      badly_signed: badly,
      key_unknown: unknown.length,
    },
    // Whoever writes a line may name any key: these are to be held against what one knows of one's former keys.
    unknown_keys: [...new Set([...unknown.map(({ keyId }) => keyId), ...report.unknownKeys])]
      .toSorted()
      .slice(0, KEYS_NAMED),
    last_checkpoint: checkpoints.toSorted((one, other) => other.seq - one.seq)[0]?.at.toISOString() ?? null,
    findings: report.findings.map(({ kind, seq }) => ({ kind, seq })),
  };
}

const KEYS_NAMED = 20;

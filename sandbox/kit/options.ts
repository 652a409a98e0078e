/** How a sandbox is started, the same for every provider. */
export interface SandboxOptions {
  /** 0 (default) takes a free port of 127.0.0.1. */
  readonly port?: number;
  /** Default 1. The same seed, scale and anchor give the same records. */
  readonly seed?: number;
  /** Records in all systems of the fictitious customer together, 2,000 to 1,000,000. Default 20,000. */
  readonly scale?: number;
  /**
   * The world's "today", where the sandbox's clock then starts. Default: the
   * machine's day at 00:00 UTC, and a clock that shows the machine's time.
   */
  readonly anchor?: Date;
  /** Whose systems these are; the same seed gives each company other records. Default acme. */
  readonly company?: SandboxCompany;
  /** Redirect addresses of the registered OAuth app, compared exactly. */
  readonly redirectUris?: readonly string[];
  /** Append every ledger entry to this file (JSON lines) before the answer leaves. */
  readonly ledgerFile?: string;
}

export interface ResolvedOptions {
  readonly company: SandboxCompany;
  readonly port: number;
  readonly seed: number;
  readonly scale: number;
  readonly anchor: Date;
  /** What the sandbox's clock shows at the start. */
  readonly startsAt: Date;
  readonly redirectUris: readonly string[];
  readonly ledgerFile: string | null;
}

/** The fictitious customers that there are worlds of. */
export const sandboxCompanies = ['acme', 'globex'] as const;
export type SandboxCompany = (typeof sandboxCompanies)[number];

/** Records that a world can have. */
export const scaleBounds = { min: 2_000, max: 1_000_000 };

const DEFAULT_REDIRECT_URIS = ['http://127.0.0.1:7070/oauth/callback', 'http://localhost:7070/oauth/callback'];
const DAY_MS = 86_400_000;

/** Fills in the defaults and refuses values that no world can be made of. */
export function resolveOptions(options: SandboxOptions): ResolvedOptions {
  const scale = options.scale ?? 20_000;
  const seed = options.seed ?? 1;
  const anchor = options.anchor ?? new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS);
  if (!Number.isSafeInteger(scale) || scale < scaleBounds.min || scale > scaleBounds.max) {
    throw new Error(`scale must be a whole number from ${scaleBounds.min} to ${scaleBounds.max}, not ${scale}`);
  }
  if (!Number.isSafeInteger(seed)) throw new Error(`seed must be a whole number, not ${seed}`);
  if (Number.isNaN(anchor.getTime())) throw new Error('anchor must be a date such as 2026-01-31T00:00:00Z');
  return {
    company: options.company ?? 'acme',
    port: options.port ?? 0,
    seed,
    scale,
    anchor,
    startsAt: options.anchor ?? new Date(),
    redirectUris: options.redirectUris?.length ? options.redirectUris : DEFAULT_REDIRECT_URIS,
    ledgerFile: options.ledgerFile ?? null,
  };
}

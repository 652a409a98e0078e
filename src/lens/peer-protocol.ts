import { GantryError, type ErrorBody, type StreamId, type TenantId } from '../kernel/index.ts';
import type { Lens, LensAnswer, LensRead, LensSnapshot, LensSqlRead, LensStatus } from './contract.ts';

/** What processes ask each other, as JSON over HTTP: the tenant's part of the lens. */
export type PeerRequest =
  | { readonly op: 'read'; readonly tenant: TenantId; readonly read: LensRead }
  | { readonly op: 'readSql'; readonly tenant: TenantId; readonly read: LensSqlRead }
  | { readonly op: 'catchUp'; readonly tenant: TenantId }
  | { readonly op: 'rebuild'; readonly tenant: TenantId }
  | { readonly op: 'snapshot'; readonly tenant: TenantId }
  | { readonly op: 'status'; readonly tenant: TenantId };

export type PeerReply =
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'status'; readonly status: unknown }
  | { readonly kind: 'snapshot'; readonly snapshot: LensSnapshot }
  | { readonly kind: 'done' }
  | { readonly kind: 'error'; readonly error: ErrorBody };

export const peerPath = '/internal/lens';

/** Runs what another process asked for. */
export async function runPeerRequest(lens: Lens, request: PeerRequest): Promise<PeerReply> {
  switch (request.op) {
    case 'read':
      return { kind: 'answer', answer: await lens.read(request.tenant, request.read) };
    case 'readSql':
      return { kind: 'answer', answer: await lens.readSql(request.tenant, request.read) };
    case 'status':
      return { kind: 'status', status: await lens.status(request.tenant) };
    case 'snapshot':
      return { kind: 'snapshot', snapshot: await lens.snapshot(request.tenant) };
    case 'catchUp':
      await lens.catchUp(request.tenant);
      return { kind: 'done' };
    case 'rebuild':
      await lens.rebuild(request.tenant);
      return { kind: 'done' };
  }
}

/** Dates travel as text. */
type Sent<Value> = { readonly [Key in keyof Value]: Value[Key] };

interface SentFreshness {
  readonly stream: StreamId;
  readonly asOf: string | null;
  readonly backfilling: boolean;
}

const freshness = <Row extends SentFreshness>(row: Row): Omit<Row, 'asOf'> & { readonly asOf: Date | null } => ({
  ...row,
  asOf: row.asOf === null ? null : new Date(row.asOf),
});

export function answerFrom(sent: unknown): LensAnswer {
  // Our own kind wrote it (runPeerRequest).
  const answer = sent as Omit<Sent<LensAnswer>, 'freshness'> & { readonly freshness: readonly SentFreshness[] };
  return { ...answer, freshness: answer.freshness.map(freshness) };
}

export function statusFrom(sent: unknown): LensStatus {
  const status = sent as Omit<Sent<LensStatus>, 'streams'> & {
    readonly streams: readonly (SentFreshness & { readonly rows: number })[];
  };
  return { ...status, streams: status.streams.map(freshness) };
}

export function errorFrom(body: ErrorBody): GantryError {
  const { code, message, where, fix, suggestions, allowed, data, retry_at: retryAt } = body;
  return new GantryError(code, {
    message,
    where,
    fix,
    suggestions,
    allowed,
    data,
    retryAt: retryAt === undefined ? undefined : new Date(retryAt),
  });
}

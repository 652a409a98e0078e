import { GantryError, limits, type Clock } from '../kernel/index.ts';
import type { Lens } from './contract.ts';
import type { Owners } from './owners.ts';
import { answerFrom, statusFrom, type PeerReply, type PeerRequest } from './peer-protocol.ts';
import type { Peers } from './peers.ts';

export interface SharedParts {
  /** This process's own files. */
  readonly own: Lens;
  readonly owners: Owners;
  readonly peers: Peers;
  readonly clock: Clock;
}

/** One lens over all processes: each tenant is answered by the process that holds it, wherever the question came in. */
export function createSharedLens({ own, owners, peers, clock }: SharedParts): Lens {
  /**
   * Here or there. Where the holder does not answer, it may have ended: its
   * lease runs out in seconds, and somebody takes over; so the question is
   * repeated until its time is up. All of them can be repeated.
   */
  async function ask<Result>(
    request: PeerRequest,
    timeoutMs: number,
    here: () => Promise<Result>,
    there: (reply: PeerReply) => Result,
  ): Promise<Result> {
    const untilMs = clock.monotonicMs() + timeoutMs;
    for (;;) {
      try {
        const holder = await owners.of(request.tenant);
        if (holder === null) return await here();
        return there(await peers.ask(holder.url, request, timeoutMs));
      } catch (error) {
        if (!isMove(error) || clock.monotonicMs() + limits.lensTakeoverPauseMs > untilMs) throw error;
        owners.forget(request.tenant);
        await clock.sleep(limits.lensTakeoverPauseMs);
      }
    }
  }

  const done = (): void => undefined;
  return {
    read: (tenant, read) => ask({ op: 'read', tenant, read }, read.timeoutMs, () => own.read(tenant, read), answerIn),
    readSql: (tenant, read) =>
      ask({ op: 'readSql', tenant, read }, read.timeoutMs, () => own.readSql(tenant, read), answerIn),
    // No tenant's data is needed for it.
    parseSql: (sql, by) => own.parseSql(sql, by),
    catchUp: (tenant) => ask({ op: 'catchUp', tenant }, limits.lensWriteTimeoutMs, () => own.catchUp(tenant), done),
    rebuild: (tenant) => ask({ op: 'rebuild', tenant }, limits.lensWriteTimeoutMs, () => own.rebuild(tenant), done),
    snapshot: (tenant) =>
      ask(
        { op: 'snapshot', tenant },
        limits.lensWriteTimeoutMs,
        () => own.snapshot(tenant),
        (reply) => (reply.kind === 'snapshot' ? reply.snapshot : mismatched(reply)),
      ),
    layoutChanged: (tenant) => own.layoutChanged(tenant),
    status: (tenant) =>
      ask(
        { op: 'status', tenant },
        limits.queryTimeoutMs,
        () => own.status(tenant),
        (reply) => statusFrom(reply.kind === 'status' ? reply.status : mismatched(reply)),
      ),
    release: (tenant) => own.release(tenant),
    discard: (tenants) => own.discard(tenants),
    async close() {
      await own.close();
      await owners.close();
    },
  };
}

const answerIn = (reply: PeerReply) => answerFrom(reply.kind === 'answer' ? reply.answer : mismatched(reply));

function mismatched(reply: PeerReply): never {
  throw new Error(`another process answered with ${reply.kind}`);
}

/** The tenant is about to be, or was just, taken over by another process. */
function isMove(error: unknown): boolean {
  return error instanceof GantryError && (error.code === 'lens_owner_silent' || error.code === 'lens_elsewhere');
}

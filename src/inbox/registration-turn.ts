import {
  canonicalJson,
  limits,
  toGantryError,
  withinTime,
  type Clock,
  type GantryError,
  type JsonObject,
  type Random,
} from '../kernel/index.ts';
import type { RegisteredWebhook } from '../connectors/index.ts';
import {
  claimRegistration,
  hurryRegistration,
  noteAsking,
  readRegistration,
  readWebhook,
  removeRegistration,
  requestSync,
  settleRegistration,
  type Db,
  type InboxHolder,
  type InboxKey,
  type RegistrationEnd,
  type RegistrationRow,
  type Tx,
} from '../store/index.ts';
import { afterRegistrationEvent, type RegistrationState } from './registration-state.ts';
import type { WebhookProvider, WebhookTarget, WebhookWish } from './webhook-wish.ts';

export interface RegistrationDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly wishOf: (key: InboxKey) => Promise<WebhookWish>;
  /** Where the provider is to call, made where there is none. */
  readonly addressOf: (key: InboxKey) => Promise<{ readonly url: string; readonly secret: string }>;
  /** The provider signs with this one from now on. */
  readonly keepSecret: (tx: Tx, key: InboxKey, secret: string) => Promise<void>;
  /** The address is nobody's any more. */
  readonly forgetAddress: (tx: Tx, key: InboxKey) => Promise<void>;
  readonly onEvent: (event: RegistrationLogEvent) => void;
  /** Streams became due. */
  readonly wakeSync: () => void;
}

export type RegistrationLogEvent =
  | ({
      readonly kind: 'webhook_registered';
      readonly objects: readonly string[];
      readonly endsAt: Date | null;
    } & InboxKey)
  | ({ readonly kind: 'webhook_registration_failed'; readonly code: string; readonly tries: number } & InboxKey)
  /** `told`: the provider knows nothing of us any more. */
  | ({ readonly kind: 'webhook_taken_back'; readonly told: boolean } & InboxKey)
  | { readonly kind: 'webhook_look_failed'; readonly cause: unknown };

/**
 * One turn at one registration that is due: what is wished is compared with
 * what is agreed, and the provider asked where they differ, where it was asked
 * long ago, or where what was agreed ends soon. Whatever happens to the process,
 * the next one asks again: repeating is harmless.
 */
export async function takeRegistrationTurn(
  deps: RegistrationDeps,
  holder: InboxHolder,
  stopping: AbortSignal,
): Promise<void> {
  const { db } = deps;
  const claimed = await db.tenantTx(
    holder.tenant,
    async (tx) => ({ row: await claimRegistration(tx, holder, limits.webhookLeaseMs), now: tx.now }),
    'inbox.claim_registration',
  );
  const { row, now } = claimed;
  if (row === null) return;
  const wish = await deps.wishOf(holder).catch((): WebhookWish => ({ kind: 'not_now' }));
  switch (wish.kind) {
    case 'not_now':
      return postpone(deps, holder, row);
    case 'never':
      return takeBack(deps, holder, { row, provider: wish.provider, signal: stopping });
    case 'register':
      if (isAsWished(row, wish.target, now)) return postpone(deps, holder, row);
      return agree(deps, holder, { row, target: wish.target, signal: stopping });
  }
}

/** Pure: the provider need not be asked. */
export function isAsWished(
  { state, version, provedAt, expiresAt }: Pick<RegistrationRow, 'state' | 'version' | 'provedAt' | 'expiresAt'>,
  target: Pick<WebhookTarget, 'version'>,
  now: Date,
): boolean {
  if ((state as RegistrationState) !== 'registered' || version !== target.version || provedAt === null) return false;
  const isProved = now.getTime() - provedAt.getTime() < limits.webhookProveEveryMs;
  const lasts = expiresAt === null || expiresAt.getTime() - now.getTime() > limits.webhookRenewAheadMs;
  return isProved && lasts;
}

async function postpone(deps: RegistrationDeps, holder: InboxHolder, row: RegistrationRow): Promise<void> {
  await keepEnd(deps, holder, 'inbox.postpone_registration', (tx) => ({
    ...row,
    dueAt: later(tx, limits.webhookWishEveryMs),
  }));
}

interface Asking {
  readonly row: RegistrationRow;
  readonly target: WebhookTarget;
  readonly signal: AbortSignal;
}

async function agree(deps: RegistrationDeps, holder: InboxHolder, asking: Asking): Promise<void> {
  const { row, target } = asking;
  const known = row.state as RegistrationState;
  // Somebody wanted it taken back, and somebody else wants it again.
  const state = known === 'removing' ? afterRegistrationEvent(known, 'wished') : known;
  let { reference } = row;
  try {
    if (target.obstacle !== null) throw target.obstacle;
    const { url, secret } = await deps.addressOf(holder);
    if (reference === null) {
      // Whatever becomes of the answer: what may have been made by our address can be taken back.
      const address: JsonObject = { url };
      const noted = await deps.db.tenantTx(holder.tenant, (tx) => noteAsking(tx, holder, address), 'inbox.note_asking');
      if (!noted) return;
      reference = address;
    }
    const agreed = await inTime(limits.webhookCallsMaxMs, asking.signal, () =>
      target.registrar.register(target.access, { url, secret, objects: target.objects, before: row.reference }),
    );
    await keepAgreed(deps, holder, { ...asking, state, agreed, secret });
  } catch (thrown) {
    if (asking.signal.aborted) return;
    const error = toGantryError(thrown);
    // Any other failure may have come after it was made, and is tried again.
    if (error.code === 'webhook_registration_refused' && row.reference === null && reference !== null) {
      reference = await undoHalf(deps, holder, asking, reference);
    }
    await keepRefused(deps, holder, { ...asking, row: { ...row, reference }, state, error });
  }
}

/**
 * Refused the first time, maybe halfway: of what consists of several parts some
 * may be there, and would call us for ever. Null: nothing is, as far as anybody
 * knows. What a person entered, and what has called, is left alone.
 */
async function undoHalf(
  { db }: RegistrationDeps,
  key: InboxKey,
  { target, signal }: Asking,
  address: JsonObject,
): Promise<JsonObject | null> {
  const webhook = await db.tenantRead(key.tenant, (tx) => readWebhook(tx, key));
  if (webhook?.heardAt !== null && webhook !== null) return null;
  try {
    await inTime(limits.webhookRemoveMaxMs, signal, () => target.registrar.remove(target.access, address));
    return null;
  } catch (thrown) {
    // Who may not look may not have made anything either. Otherwise it is to be taken back later.
    return NO_RIGHT.has(toGantryError(thrown).code) ? null : address;
  }
}

const NO_RIGHT: ReadonlySet<string> = new Set(['webhook_registration_refused', 'upstream_forbidden']);

type Agreed = Asking & {
  readonly state: RegistrationState;
  readonly agreed: RegisteredWebhook;
  readonly secret: string;
};

async function keepAgreed(deps: RegistrationDeps, holder: InboxHolder, told: Agreed): Promise<void> {
  const { row, target, state, agreed, secret } = told;
  const { tenant, connection } = holder;
  const { objects, expiresAt } = agreed;
  const isNew = state !== 'registered' || objects.some((object) => !row.objects.includes(object));
  const kept = await keepEnd(deps, holder, 'inbox.keep_registration', async (tx) => {
    if (agreed.secret !== undefined && agreed.secret !== secret) await deps.keepSecret(tx, holder, agreed.secret);
    // What changed before the provider began to tell was told to nobody.
    if (isNew) for (const object of objects) await requestSync(tx, { tenant, connection, object });
    return {
      state: afterRegistrationEvent(state, 'agreed'),
      dueAt: later(tx, limits.webhookWishEveryMs),
      version: target.version,
      reference: agreed.reference,
      objects,
      provedAt: tx.now,
      expiresAt,
      failures: 0,
      lastError: null,
    };
  });
  if (!kept) return undoUnlessWanted(deps, holder, told);
  if (!isNew) return;
  deps.wakeSync();
  deps.onEvent({ kind: 'webhook_registered', tenant, connection, objects, endsAt: expiresAt });
}

/**
 * The wish changed meanwhile: what was made goes, unless it is what is agreed
 * now. Whoever has it now may have relied on it, or is about to: it is agreed
 * again, a while later, so that two do not undo each other's for ever.
 */
async function undoUnlessWanted(deps: RegistrationDeps, key: InboxKey, { target, agreed }: Agreed): Promise<void> {
  const now = await readRegistration(deps.db, key);
  if (now !== null && canonicalJson(now.reference) === canonicalJson(agreed.reference)) return;
  await target.registrar.remove(target.access, agreed.reference).catch(() => undefined);
  if (now === null) return;
  const afterMs = Math.round(limits.webhookRetryMs * (0.5 + deps.random.fraction() / 2));
  await deps.db.tenantTx(key.tenant, (tx) => hurryRegistration(tx, key, afterMs), 'inbox.undo_registration');
}

async function keepRefused(
  deps: RegistrationDeps,
  holder: InboxHolder,
  told: Asking & { readonly state: RegistrationState; readonly error: GantryError },
): Promise<void> {
  const { row, target, state, error } = told;
  const { tenant, connection } = holder;
  const failures = row.failures + 1;
  await keepEnd(deps, holder, 'inbox.keep_refusal', (tx) => ({
    ...row,
    state: afterRegistrationEvent(state, 'refused'),
    dueAt: nextTry(tx, deps.random, failures, error),
    version: target.version,
    failures,
    lastError: error.toBody(),
  }));
  deps.onEvent({ kind: 'webhook_registration_failed', tenant, connection, code: error.code, tries: failures });
}

/**
 * The provider shall not call us any more: it is told, where that is possible,
 * some times; then the address is nobody's, and what still comes is turned away.
 */
export async function takeBack(
  deps: RegistrationDeps,
  holder: InboxHolder,
  work: { readonly row: RegistrationRow; readonly provider: WebhookProvider | null; readonly signal: AbortSignal },
): Promise<void> {
  const { row, provider, signal } = work;
  const { tenant, connection } = holder;
  const state = afterRegistrationEvent(row.state as RegistrationState, 'unwished');
  const error = await tellRemoved(row, provider, signal);
  if (signal.aborted) return;
  // What was counted before were failures of registering.
  const failures = (row.state === 'removing' ? row.failures : 0) + 1;
  if (error !== null && provider !== null && failures < limits.webhookRemoveTriesMax) {
    await keepEnd(deps, holder, 'inbox.keep_unremoved', (tx) => ({
      ...row,
      state: afterRegistrationEvent(state, 'refused'),
      dueAt: nextTry(tx, deps.random, failures, error),
      failures,
      lastError: error.toBody(),
    }));
    return;
  }
  const told = error === null;
  afterRegistrationEvent(state, told ? 'taken_back' : 'given_up');
  const done = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      if (!(await settleRegistration(tx, holder, { ...row, dueAt: tx.now }))) return false;
      await removeRegistration(tx, holder);
      // An address that was never registered by us may be in use by hand.
      if (row.reference !== null) await deps.forgetAddress(tx, holder);
      return true;
    },
    'inbox.remove_registration',
  );
  if (done && row.reference !== null) deps.onEvent({ kind: 'webhook_taken_back', tenant, connection, told });
}

/** Null: the provider knows nothing of us, as far as it can be asked. */
async function tellRemoved(
  { reference }: RegistrationRow,
  provider: WebhookProvider | null,
  signal: AbortSignal,
): Promise<GantryError | null> {
  if (reference === null) return null;
  if (provider === null) return toGantryError(new Error('the provider cannot be reached any more'));
  try {
    await inTime(limits.webhookRemoveMaxMs, signal, () => provider.registrar.remove(provider.access, reference));
    return null;
  } catch (thrown) {
    return toGantryError(thrown);
  }
}

async function keepEnd(
  { db }: RegistrationDeps,
  holder: InboxHolder,
  place: string,
  end: (tx: Tx) => RegistrationEnd | Promise<RegistrationEnd>,
): Promise<boolean> {
  return db.tenantTx(holder.tenant, async (tx) => settleRegistration(tx, holder, await end(tx)), place);
}

/** Gives up waiting; what was asked may still happen there, and is found by our address the next time. */
function inTime<Result>(ms: number, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  return withinTime(
    ms,
    signal,
    (ending) =>
      new Promise<Result>((resolve, reject) => {
        const end = (): void => reject(ending.reason instanceof Error ? ending.reason : new Error('ended'));
        if (ending.aborted) return end();
        ending.addEventListener('abort', end, { once: true });
        work().then(resolve, reject);
      }),
  );
}

function nextTry(tx: Tx, random: Random, failures: number, { details }: GantryError): Date {
  const longest = Math.min(limits.webhookRetryMaxMs, limits.webhookRetryMs * 2 ** Math.min(failures - 1, 20));
  const waited = later(tx, Math.round(longest * (0.5 + random.fraction() / 2)));
  const { retryAt } = details;
  return retryAt !== undefined && retryAt > waited ? retryAt : waited;
}

const later = (tx: Tx, ms: number): Date => new Date(tx.now.getTime() + ms);

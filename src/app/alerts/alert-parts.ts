import { Agent, type Dispatcher } from 'undici';
import {
  createAlerts,
  INSTALLATION,
  lookSoon,
  sendContent,
  startAlertWorker,
  type AlertDeps,
  type AlertTargets,
  type AlertWorker,
  type Content,
} from '../../alerts/index.ts';
import type { AlertUseCases } from '../../api/index.ts';
import { GantryError, limits, type Clock, type Random, type TenantId } from '../../kernel/index.ts';
import type { AlertRoute, AlertSettings } from '../../manifest/index.ts';
import { checkReceiverUrl, createReceiverAgent, type AttemptResult } from '../../subscriptions/index.ts';
import { createAlertFacts, installationFacts, type AlertFactDeps } from './alert-facts.ts';
import { createAlertUseCases } from './alert-use-cases.ts';
import type { Config } from '../config.ts';
import type { EventSink, GantryEvent } from '../events.ts';

export interface AlertPartDeps extends AlertFactDeps {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: EventSink;
}

export interface AlertParts {
  readonly alerts: AlertUseCases;
  /** Begins to look and to tell. */
  start(): void;
  /** Tells people something that is no alert, by the same ways: one attempt. Raises nothing. */
  tell(to: AlertWay, content: Content): Promise<AttemptResult>;
  /** Something happened somewhere in this process: whose problems may be others now is looked at soon. */
  hear(event: GantryEvent): void;
  /** Lets the attempts under way end. */
  stop(): Promise<void>;
}

/** A route of the project, or one address. */
export type AlertWay =
  { readonly kind: 'route'; readonly route: string } | { readonly kind: 'email'; readonly address: string };

const NOWHERE: AlertTargets = { urls: new Map(), secrets: new Map(), mail: null };
const NOBODY: AlertSettings = { remindMs: limits.alertRemindMs, routes: new Map() };

/** Telling people that something is wrong. */
export function createAlertParts(parts: AlertPartDeps): AlertParts {
  const { config, db, clock, random, emit, revisions, manifests } = parts;
  const { checkUrl, receivers } = wayOut(config);
  const deps: AlertDeps = {
    db,
    clock,
    random,
    onEvent: emit,
    settings: async () => (await revisions.current())?.manifest.alerts ?? NOBODY,
    slugOf: (tenant) => manifests.slugOf(tenant),
    factsOf: createAlertFacts(parts),
    installation: () => installationFacts(db),
    targets: config.alertTargets ?? NOWHERE,
    checkUrl,
    receivers,
  };
  let worker: AlertWorker | null = null;
  const hearing = createHearing((tenant) => lookSoon(deps, tenant));
  return {
    alerts: createAlertUseCases({ db, alerts: createAlerts(deps), installation: INSTALLATION }),
    start: () => {
      worker ??= startAlertWorker(deps, `alerts-${Buffer.from(random.bytes(6)).toString('hex')}`);
    },
    tell: async (to, content) => {
      const route = to.kind === 'email' ? mailTo(to.address) : (await deps.settings()).routes.get(to.route);
      if (route === undefined) return { status: null, cause: 'route_gone', waitMs: null };
      return sendContent(deps, route, content);
    },
    hear: (event) => {
      const tenant = tenantOf(event);
      if (tenant !== null) hearing.hear(tenant);
    },
    stop: async () => {
      await worker?.stop();
      await hearing.end();
      await receivers.destroy();
    },
  };
}

const mailTo = (address: string): AlertRoute => ({
  name: 'person',
  topics: [],
  tenants: [],
  severity: 'info',
  to: { kind: 'email', addresses: [address] },
});

/** Passes events on, and tells whoever listens of them, too: parts that emit are made before the one that listens. */
export function createEar(emit: EventSink): {
  readonly emit: EventSink;
  hearBy(listener: (event: GantryEvent) => void): void;
} {
  let listen: (event: GantryEvent) => void = () => undefined;
  return {
    emit: (event) => {
      emit(event);
      listen(event);
    },
    hearBy: (listener) => {
      listen = listener;
    },
  };
}

/** Routes' addresses are the operator's own, from the environment; all the same they lead outside unless it says otherwise. */
function wayOut(config: Config): { readonly checkUrl: AlertDeps['checkUrl']; readonly receivers: Dispatcher } {
  const rules = { toLoopback: config.eventsToLoopback === true };
  if (config.alertsToPrivate !== true) {
    return { checkUrl: (url) => checkReceiverUrl(url, rules), receivers: createReceiverAgent(rules) };
  }
  return {
    checkUrl: (text) => {
      const url = new URL(text);
      if (url.username === '' && url.password === '') return url;
      throw new GantryError('subscription_url_refused', { message: 'The address holds a name or password.' });
    },
    receivers: new Agent({ connect: { timeout: limits.alertSendTimeoutMs }, connections: limits.deliveriesPerHostMax }),
  };
}

/** Whose state may be another one after this; null: nobody's, or it is heard of otherwise (connections tell by themselves). */
function tenantOf(event: GantryEvent): TenantId | null {
  switch (event.kind) {
    case 'sync_run_ended':
      return event.error === null ? null : event.tenant;
    case 'delivery_failed':
      return event.dead ? event.tenant : null;
    case 'sync_deletions_held':
    case 'subscription_disabled':
    case 'schema_changed':
    case 'sign_in_ends':
    case 'event_line_broke':
    case 'access_disagreement':
    case 'access_failed':
      return event.tenant;
    default:
      return null;
  }
}

/** One word per tenant at a time, and one more for what came meanwhile. */
function createHearing(tell: (tenant: TenantId) => Promise<void>): {
  hear(tenant: TenantId): void;
  end(): Promise<void>;
} {
  const under = new Map<TenantId, Promise<void>>();
  const again = new Set<TenantId>();
  let ended = false;
  const hear = (tenant: TenantId): void => {
    if (ended) return;
    if (under.has(tenant)) {
      again.add(tenant);
      return;
    }
    under.set(tenant, tellOnce(tenant));
  };
  const tellOnce = async (tenant: TenantId): Promise<void> => {
    await tell(tenant);
    under.delete(tenant);
    if (again.delete(tenant)) hear(tenant);
  };
  return {
    hear,
    end: async () => {
      ended = true;
      await Promise.all(under.values());
    },
  };
}

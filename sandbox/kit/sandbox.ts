import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxClock } from './clock.ts';
import { CONTROL_PREFIX, handleControl, type ControlParts } from './control.ts';
import { deliveryEntry } from './delivery/delivery-entry.ts';
import { createFaults, type FaultAction } from './faults.ts';
import { html, type Handler, type SandboxRequest, type SandboxResponse } from './http.ts';
import { createLateCalls, type LateCalls } from './late-calls.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { ResolvedOptions, SandboxCompany } from './options.ts';
import type { BackgroundNote, SandboxProvider } from './provider.ts';
import { createRouter } from './router.ts';
import { startServer, type Outcome } from './server.ts';

/** What `GET /__sandbox/health` says. */
export interface SandboxHealth {
  readonly provider: string;
  readonly seed: number;
  readonly scale: number;
  readonly company: SandboxCompany;
  readonly anchor: string;
  readonly now: string;
  readonly url: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly users: readonly {
    readonly username: string;
    readonly password: string;
    readonly id: string;
    readonly name: string;
    readonly role: string;
    readonly active: boolean;
    readonly apiKey?: string;
  }[];
  readonly oauth: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly redirectUris: readonly string[];
  } | null;
  /** What else a client has to know to sign in, such as the name of a database. */
  readonly details: Readonly<Record<string, string>>;
}

export interface RunningSandbox {
  readonly url: string;
  health(): SandboxHealth;
  stop(): Promise<void>;
}

function healthOf(
  provider: SandboxProvider,
  options: ResolvedOptions,
  clock: SandboxClock,
  url: string,
): SandboxHealth {
  return {
    provider: provider.provider,
    seed: options.seed,
    scale: options.scale,
    company: options.company,
    anchor: options.anchor.toISOString(),
    now: clock.now().toISOString(),
    url,
    counts: provider.counts(),
    users: provider.users,
    oauth: provider.client(),
    details: provider.details?.() ?? {},
  };
}

/** What happens between calls; `method` is `JOB`, or that of a call that came late. */
function backgroundNotes(ledger: Ledger, clock: SandboxClock) {
  return (method: string, status: number, { user, path, effects }: BackgroundNote): void =>
    ledger.append({
      at: clock.now().toISOString(),
      kind: 'background',
      user,
      method,
      path,
      status,
      durationMs: 0,
      effects,
    });
}

/** Serves a provider with ledger, faults, latency and control API around it. */
export async function startSandbox(
  provider: SandboxProvider,
  options: ResolvedOptions,
  clock: SandboxClock,
): Promise<RunningSandbox> {
  const ledger = createLedger(options.ledgerFile);
  const faults = createFaults();
  const route = createRouter(provider.routes, provider.notFound);
  let latencyMs = 0;
  let url = '';

  const health = (): SandboxHealth => healthOf(provider, options, clock, url);
  const control: ControlParts = {
    provider,
    clock,
    ledger,
    faults,
    health,
    setLatency: (ms) => {
      latencyMs = ms;
    },
    release: () => late.release(),
  };

  provider.deliveries?.observe((note) => ledger.append(deliveryEntry(note, clock)));
  const background = backgroundNotes(ledger, clock);
  provider.observe?.((note) => background('JOB', 200, note));
  const late = createLateCalls(async (request) => {
    const { status, user = null, effects = [] } = await route(request);
    background(request.method, status, { user, path: request.path, effects });
  });

  const admitted = async (request: SandboxRequest): Promise<Outcome> => {
    const admission = provider.begin?.(request);
    if (admission?.kind === 'refused') return { kind: 'answer', response: admission.response };
    try {
      const fault = faults.take(request);
      const waitMs = latencyMs + (fault?.delayMs ?? 0);
      if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
      return await applyFault(request, fault, { route, provider, late });
    } finally {
      admission?.end();
    }
  };

  const server = await startServer(options.port, clock.now, async (request) => {
    if (request.path.startsWith(CONTROL_PREFIX))
      return { kind: 'answer', response: await handleControl(request, control) };
    const started = performance.now();
    const outcome = await admitted(request);
    ledger.append({
      at: clock.now().toISOString(),
      kind: 'call',
      user: outcome.response.user ?? null,
      method: request.method,
      path: request.path,
      status: outcome.kind === 'cut' && outcome.afterBytes === 0 ? 0 : outcome.response.status,
      durationMs: Math.round((performance.now() - started) * 10) / 10,
      effects: outcome.response.effects ?? [],
      ...requestId(request),
    });
    return outcome;
  });
  url = server.url;
  return {
    url,
    health,
    stop: async () => {
      provider.deliveries?.close();
      provider.close?.();
      late.close();
      await server.stop();
      ledger.close();
    },
  };
}

const MAINTENANCE =
  '<!doctype html><html><head><title>Maintenance</title></head><body><h1>Down for maintenance</h1></body></html>';

function requestId({ headers }: SandboxRequest): { readonly request?: string } {
  const id = headers['x-request-id'];
  return typeof id === 'string' ? { request: id } : {};
}

interface Serving {
  readonly route: Handler;
  readonly provider: SandboxProvider;
  readonly late: LateCalls;
}

async function applyFault(
  request: SandboxRequest,
  fault: FaultAction | null,
  { route, provider, late }: Serving,
): Promise<Outcome> {
  if (fault === null) return { kind: 'answer', response: await route(request) };
  if (fault.late !== undefined) {
    late.add(request, fault.late);
    return lost(fault, replacement({ status: 504, ...fault }, provider));
  }
  const replaces =
    fault.status !== undefined || fault.body !== undefined || fault.html === true || fault.reset === true;
  const real = replaces && fault.applied !== true ? null : await route(request);
  const response = replaces
    ? { ...replacement(fault, provider), ...traces(real) }
    : { ...real!, headers: { ...real!.headers, ...fault.headers } };
  return lost(fault, response);
}

/** The whole of the answer, as much of it as arrives, or nothing. */
function lost(fault: FaultAction, response: SandboxResponse): Outcome {
  if (fault.reset === true) return { kind: 'cut', response, afterBytes: 0 };
  if (fault.truncateBytes !== undefined) return { kind: 'cut', response, afterBytes: fault.truncateBytes };
  return { kind: 'answer', response };
}

function replacement(fault: FaultAction, provider: SandboxProvider): SandboxResponse {
  if (fault.html === true) return { ...html(fault.status ?? 200, MAINTENANCE) };
  const status = fault.status ?? 200;
  const base =
    fault.body === undefined
      ? provider.errorAnswer(status)
      : { status, headers: { 'content-type': 'application/json;charset=UTF-8' } };
  const body =
    fault.body === undefined ? {} : { body: typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body) };
  return { ...base, ...body, status, headers: { ...base.headers, ...fault.headers } };
}

/** Who called and what it did stay in the ledger although the caller never sees the real answer. */
function traces(real: SandboxResponse | null): Pick<SandboxResponse, 'user' | 'effects'> {
  return {
    ...(real?.user === undefined ? {} : { user: real.user }),
    ...(real?.effects === undefined ? {} : { effects: real.effects }),
  };
}

import { burstOf, runBurst } from './burst.ts';
import type { SandboxClock } from './clock.ts';
import { DELIVERY_CONTROLS } from './delivery/delivery-controls.ts';
import type { FaultRule, Faults } from './faults.ts';
import { json, parseJson, type Effect, type SandboxRequest, type SandboxResponse } from './http.ts';
import type { Ledger } from './ledger.ts';
import { ControlError, type Mutation, type SandboxProvider, type SchemaChange } from './provider.ts';
import { failureRule, type WriteFailures } from './write-failures.ts';

export const CONTROL_PREFIX = '/__sandbox/';

export interface ControlParts {
  readonly provider: SandboxProvider;
  readonly clock: SandboxClock;
  readonly ledger: Ledger;
  readonly faults: Faults;
  setLatency(ms: number): void;
  /** Lets calls take effect that a fault holds back; their number. */
  release(): Promise<number>;
  health(): unknown;
}

/**
 * What a test or a rehearsal does to the sandbox from outside. Never counted
 * as provider calls. Browsers and other hosts are refused, so that a web page
 * cannot reach it through somebody's browser.
 */
export async function handleControl(request: SandboxRequest, parts: ControlParts): Promise<SandboxResponse> {
  if (!isLoopback(request)) return json(403, { error: 'the control API answers local programs only' });
  const name = `${request.method} ${request.path.slice(CONTROL_PREFIX.length)}`;
  const own = parts.provider.controls ?? {};
  const action = actions[name] ?? deliveryAction(name) ?? ownAction(own[name.replace(/^POST /, '')]);
  if (action === undefined) {
    const sending = parts.provider.deliveries === undefined ? [] : Object.keys(DELIVERY_CONTROLS);
    const known = [...Object.keys(actions), ...sending, ...Object.keys(own).map((one) => `POST ${one}`)];
    return json(404, { error: `no control call ${name}`, known });
  }
  try {
    return await action(request, parts);
  } catch (error) {
    if (error instanceof ControlError) return json(400, { error: error.message });
    throw error;
  }
}

function ownAction(answer: ((input: Readonly<Record<string, unknown>>) => unknown) | undefined): Action | undefined {
  return answer === undefined ? undefined : (request) => json(200, answer(record(payload(request))));
}

function deliveryAction(name: string): Action | undefined {
  const control = DELIVERY_CONTROLS[name];
  if (control === undefined) return undefined;
  return async (request, { provider: { deliveries } }) => {
    if (deliveries === undefined) throw new ControlError('this provider sends nothing to anybody');
    return json(200, await control(deliveries, request.body === '' ? {} : payload(request)));
  };
}

type Action = (request: SandboxRequest, parts: ControlParts) => SandboxResponse | Promise<SandboxResponse>;

const actions: Readonly<Record<string, Action>> = {
  'GET health': (_request, parts) => json(200, parts.health()),
  'GET ledger': (request, { ledger }) =>
    json(200, {
      entries: ledger.since(number(request.query.get('since'), 0), number(request.query.get('limit'), 1_000)),
    }),
  'GET calls': (_request, { ledger }) => json(200, ledger.calls()),
  'GET webhooks/attempts': (request, { ledger }) =>
    json(200, {
      attempts: ledger.deliveriesSince(
        number(request.query.get('since'), 0),
        number(request.query.get('limit'), 1_000),
      ),
    }),
  'POST faults': (request, { faults }) => {
    const body = payload(request);
    return json(200, { live: faults.add((Array.isArray(body) ? body : [body]).map(faultRule)) });
  },
  'DELETE faults': (_request, { faults }) => {
    faults.clear();
    return json(200, { live: 0 });
  },
  'POST faults/release': async (_request, { release }) => json(200, { released: await release() }),
  'POST fail': (request, { provider }) => {
    const body = payload(request);
    const rules = (Array.isArray(body) ? body : [body]).map((rule) => failureRule(record(rule)));
    return json(200, { live: failuresOf(provider).add(rules) });
  },
  'DELETE fail': (_request, { provider }) => {
    failuresOf(provider).clear();
    return json(200, { live: 0 });
  },
  'POST latency': (request, parts) => {
    const ms = record(payload(request))['ms'];
    if (typeof ms !== 'number' || ms < 0) throw new ControlError('latency wants {ms: number >= 0}');
    parts.setLatency(ms);
    return json(200, { ms });
  },
  'POST clock': (request, { clock }) => {
    const body = record(payload(request));
    if (typeof body['advanceMs'] === 'number') clock.advance(body['advanceMs']);
    else if (typeof body['now'] === 'string' && !Number.isNaN(Date.parse(body['now'])))
      clock.set(new Date(body['now']));
    else throw new ControlError('clock wants {advanceMs: number} or {now: ISO date}');
    return json(200, { now: clock.now().toISOString() });
  },
  'POST mutate': (request, parts) => {
    const { id, record: after, effects } = parts.provider.mutate(mutation(payload(request)));
    return noted(request, parts, effects, { id, record: after });
  },
  'POST burst': async (request, parts) => {
    const burst = burstOf(record(payload(request)));
    const { ms } = await runBurst(burst, (each) => {
      note(request, parts, parts.provider.mutate(each).effects);
    });
    return json(200, { made: burst.count, ms });
  },
  'POST schema': (request, parts) => {
    const body = record(payload(request));
    if (typeof body['object'] !== 'string') throw new ControlError('schema wants {object, add?, remove?, change?}');
    const { effects } = parts.provider.changeSchema(body as unknown as SchemaChange);
    return noted(request, parts, effects, { changed: effects });
  },
  'POST revoke': (request, { provider }) => {
    const body = request.body === '' ? {} : record(payload(request));
    const user = typeof body['user'] === 'string' ? { user: body['user'] } : {};
    return json(200, provider.revoke({ ...user, accessOnly: body['accessOnly'] === true }));
  },
  'POST limits': (request, { provider }) => json(200, provider.limits(record(payload(request)))),
  'POST oauth': (request, { provider }) => {
    const uris = record(payload(request))['redirectUris'];
    if (!Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string' && URL.canParse(uri))) {
      throw new ControlError('oauth wants {redirectUris: [absolute URL, ...]}');
    }
    provider.setRedirectUris(uris as string[]);
    return json(200, provider.client());
  },
};

function noted(
  request: SandboxRequest,
  parts: ControlParts,
  effects: readonly Effect[],
  answer: unknown,
): SandboxResponse {
  note(request, parts, effects);
  return json(200, answer);
}

function note({ method, path }: SandboxRequest, parts: ControlParts, effects: readonly Effect[]): void {
  const at = parts.clock.now().toISOString();
  parts.ledger.append({ at, kind: 'control', user: null, method, path, status: 200, durationMs: 0, effects });
}

function failuresOf({ failures }: SandboxProvider): WriteFailures {
  if (failures === undefined) throw new ControlError('this provider takes no writes');
  return failures;
}

function isLoopback(request: SandboxRequest): boolean {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  return request.headers.origin === undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(host);
}

function payload(request: SandboxRequest): unknown {
  const body = parseJson(request.body);
  if (body === undefined) throw new ControlError('the body must be JSON');
  return body;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ControlError('the body must be a JSON object');
  return value as Readonly<Record<string, unknown>>;
}

function number(text: string | null, fallback: number): number {
  const value = text === null ? fallback : Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new ControlError('since and limit must be whole numbers');
  return value;
}

function faultRule(value: unknown): FaultRule {
  const rule = record(value);
  const match = record(rule['match'] ?? {});
  const action = record(rule['action']);
  if (Object.keys(action).length === 0) throw new ControlError('a fault needs an action such as {status: 500}');
  const late = action['late'];
  if (late !== undefined && late !== 'hold' && !(typeof late === 'number' && late >= 0))
    throw new ControlError("late must be a number of milliseconds, or 'hold'");
  return { ...rule, match, action };
}

function mutation(value: unknown): Mutation {
  const body = record(value);
  const op = body['op'];
  if (
    typeof op !== 'string' ||
    !['create', 'update', 'delete', 'undelete'].includes(op) ||
    typeof body['object'] !== 'string'
  ) {
    throw new ControlError('mutate wants {op: create|update|delete|undelete, object, id?, fields?}');
  }
  if (op !== 'create' && typeof body['id'] !== 'string') throw new ControlError(`${op} wants the id of a record`);
  return body as unknown as Mutation;
}

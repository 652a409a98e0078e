import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Value = null | boolean | number | string;
type Values = Readonly<Record<string, Value>>;

/** A record of one of six objects: each keeps a write from taking effect twice in another way, or in none. */
export type LedgerObject = 'Native' | 'External' | 'Chosen' | 'Conditional' | 'Marker' | 'Plain';

export interface LedgerItem {
  readonly key: string;
  readonly recordId: string | null;
  readonly values: Values;
  readonly match: { readonly field: string; readonly value: Value } | null;
  readonly ifVersion: string | null;
}

export interface LedgerCall {
  readonly object: LedgerObject;
  readonly operation: 'create' | 'update' | 'upsert' | 'delete';
  readonly items: readonly LedgerItem[];
}

export type LedgerResult =
  | { readonly ok: true; readonly id: string; readonly created: boolean; readonly existed: boolean }
  | { readonly ok: false; readonly code: string; readonly id?: string };

/** What took effect, written before any answer. */
export interface Effect {
  readonly object: LedgerObject;
  readonly op: 'create' | 'update' | 'delete';
  readonly id: string;
  readonly key: string;
  readonly values: Values;
  /** Of the machine's clock. */
  readonly atMs: number;
}

/**
 * - lost_answer: it takes effect, and the line breaks
 * - lost_call: the line breaks, and nothing takes effect
 * - late: the line breaks, and it takes effect when `release` is called
 * - held: neither, until `release` is called; then it is answered as usual
 * - busy: refused, and may come again
 */
export type Fault = 'lost_answer' | 'lost_call' | 'late' | 'held' | 'busy';

export interface LedgerServer {
  readonly url: string;
  readonly effects: Effect[];
  readonly calls: { readonly method: string; readonly path: string }[];
  /** Of the next calls that write, one each. */
  readonly faults: Fault[];
  /** By the values of an item: refused with this code; null: not. */
  refuse: (item: LedgerItem) => string | null;
  /** Called when something took effect, before it is answered. */
  written: () => void;
  /** How many calls are held. */
  held(): number;
  release(): void;
  put(object: LedgerObject, id: string, values: Values): void;
  read(object: LedgerObject, id: string): Values | null;
  stop(): Promise<void>;
}

interface LedgerJob {
  readonly call: LedgerCall;
  results: readonly LedgerResult[] | null;
  /** Ended before it began: it never takes effect. */
  aborted: boolean;
}

interface Stored {
  values: Values;
  version: number;
}

export async function openLedgerServer(): Promise<LedgerServer> {
  const objects = new Map<LedgerObject, Map<string, Stored>>();
  const keys = new Map<string, LedgerResult>();
  const jobs = new Map<string, LedgerJob>();
  const effects: Effect[] = [];
  const calls: LedgerServer['calls'] = [];
  const faults: Fault[] = [];
  const waiting: (() => void)[] = [];
  let count = 0;
  const of = (object: LedgerObject): Map<string, Stored> => {
    const known = objects.get(object) ?? new Map<string, Stored>();
    objects.set(object, known);
    return known;
  };
  const next = (): string => `r${String((count += 1))}`;

  const note = (object: LedgerObject, op: Effect['op'], id: string, { key, values }: LedgerItem): void => {
    effects.push({ object, op, id, key, values, atMs: Date.now() });
  };
  const create = (object: LedgerObject, id: string, item: LedgerItem, more: Values = {}): LedgerResult => {
    of(object).set(id, { values: { ...item.values, ...more }, version: 1 });
    note(object, 'create', id, item);
    return { ok: true, id, created: true, existed: false };
  };
  const update = (object: LedgerObject, id: string, item: LedgerItem): LedgerResult => {
    const stored = of(object).get(id);
    if (stored === undefined) return { ok: false, code: 'record_missing' };
    if (item.ifVersion !== null && item.ifVersion !== String(stored.version)) return { ok: false, code: 'changed' };
    stored.values = { ...stored.values, ...item.values };
    stored.version += 1;
    note(object, 'update', id, item);
    return { ok: true, id, created: false, existed: false };
  };
  const found = (object: LedgerObject, field: string, value: Value): string[] =>
    [...of(object)].flatMap(([id, { values }]) => (values[field] === value ? [id] : []));

  const write = ({ object, operation }: LedgerCall, item: LedgerItem): LedgerResult => {
    const known = object === 'Native' ? keys.get(item.key) : undefined;
    if (known !== undefined) return known.ok ? { ...known, existed: true } : known;
    const code = server.refuse(item);
    if (code !== null) return { ok: false, code };
    const result = apply(object, operation, item);
    if (object === 'Native') keys.set(item.key, result);
    return result;
  };
  const apply = (object: LedgerObject, operation: LedgerCall['operation'], item: LedgerItem): LedgerResult => {
    if (operation === 'delete') {
      if (!of(object).delete(item.recordId ?? '')) return { ok: false, code: 'record_missing' };
      note(object, 'delete', item.recordId ?? '', item);
      return { ok: true, id: item.recordId ?? '', created: false, existed: false };
    }
    if (operation === 'update') return update(object, item.recordId ?? '', item);
    if (operation === 'upsert') {
      const [id] = item.match === null ? [] : found(object, item.match.field, item.match.value);
      const more = item.match === null ? {} : { [item.match.field]: item.match.value };
      return id === undefined ? create(object, next(), item, more) : update(object, id, item);
    }
    if (object === 'External') {
      const [id] = found(object, 'ext', item.key);
      return id === undefined
        ? create(object, next(), item, { ext: item.key })
        : { ok: true, id, created: false, existed: true };
    }
    if (object === 'Chosen') {
      if (of(object).has(item.key)) return { ok: true, id: item.key, created: false, existed: true };
      return create(object, item.key, item);
    }
    return create(object, next(), item, object === 'Marker' ? { marker: item.key } : {});
  };
  const writeAll = (call: LedgerCall): readonly LedgerResult[] => {
    const results = call.items.map((item) => write(call, item));
    server.written();
    return results;
  };

  /** Does `work` and answers with it, as far as the next fault lets it. */
  const under = (response: ServerResponse, work: () => unknown): void => {
    const fault = faults.shift();
    if (fault === 'busy') return answer(response, { busy: true }, 503);
    if (fault === 'held') {
      waiting.push(() => answer(response, work()));
      return;
    }
    if (fault === 'late') waiting.push(() => void work());
    else if (fault !== 'lost_call') {
      const body = work();
      if (fault === undefined) return answer(response, body);
    }
    response.socket?.destroy();
  };

  const handle = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const path = request.url ?? '';
    calls.push({ method: request.method ?? '', path });
    const told = (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>;
    const job = /^\/jobs\/(\w+)(\/start|\/abort)?$/.exec(path);
    if (path === '/write') return under(response, () => ({ results: writeAll(told as unknown as LedgerCall) }));
    if (path === '/jobs') {
      const id = next();
      jobs.set(id, { call: told as unknown as LedgerCall, results: null, aborted: false });
      return answer(response, { id });
    }
    if (job !== null) {
      const known = jobs.get(job[1] ?? '');
      if (known === undefined) return answer(response, {}, 404);
      if (job[2] === '/abort') known.aborted ||= known.results === null;
      if (job[2] !== '/start') return answer(response, { results: known.results });
      return under(response, () => {
        if (!known.aborted) known.results ??= writeAll(known.call);
        return {};
      });
    }
    const object = told['object'] as LedgerObject;
    if (path === '/images') {
      const images = (told['ids'] as string[]).map((id) => {
        const stored = of(object).get(id);
        return stored === undefined ? { id, missing: true } : { id, missing: false, ...stored };
      });
      return answer(response, { images });
    }
    if (path === '/find') {
      const values = told['values'] as Value[];
      return answer(response, { ids: values.map((value) => found(object, String(told['field']), value)) });
    }
    if (path === '/keys')
      return answer(response, { results: (told['keys'] as string[]).map((key) => keys.get(key) ?? null) });
    answer(response, {}, 404);
  };

  const http = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => handle(request, response, body));
  });
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve);
  });
  const server: LedgerServer = {
    url: `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`,
    effects,
    calls,
    faults,
    refuse: () => null,
    written: () => undefined,
    held: () => waiting.length,
    release: () => {
      for (const go of waiting.splice(0)) go();
    },
    put: (object, id, values) => {
      const known = of(object).get(id);
      of(object).set(id, { values: { ...known?.values, ...values }, version: (known?.version ?? 0) + 1 });
    },
    read: (object, id) => of(object).get(id)?.values ?? null,
    stop: () =>
      new Promise((resolve) => {
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  };
  return server;
}

function answer(response: ServerResponse, body: unknown, status = 200): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

import { createRequire } from 'node:module';
import { startSandbox, type SandboxStart, type SandboxUser, type TestSandbox } from '../support/sandbox.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export const ANCHOR = '2026-08-01T00:00:00Z';

/** An Odoo of globex in its own process. */
export function startErp(options: SandboxStart = {}): Promise<TestSandbox> {
  return startSandbox('odoo', { anchor: ANCHOR, company: 'globex', ...options });
}

export type Role = 'admin' | 'seller' | 'supporter' | 'manager' | 'portal';

/** Where people of a role sit among the staff; the portal user stands last. */
const SEATS: Readonly<Record<Role, readonly number[]>> = {
  admin: [0],
  seller: [1, 4, 6, 8],
  supporter: [2, 5, 9],
  manager: [3, 7],
  portal: [-1],
};

/** Somebody of that role who still works here. */
export function person(erp: TestSandbox, role: Role): SandboxUser {
  const found = SEATS[role].map((seat) => erp.health.users.at(seat)).find((user) => user?.active === true);
  if (found === undefined) throw new Error(`no ${role}`);
  return found;
}

/** `POST /json/2/<model>/<method>`, as Odoo's documents describe it. */
export async function json2<Body = readonly Row[]>(
  erp: TestSandbox,
  path: string,
  body: Row = {},
  key: string | undefined = person(erp, 'admin').apiKey,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Body>> {
  const response = await fetch(`${erp.url}/json/2/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(key === undefined || key === '' ? {} : { authorization: `bearer ${key}` }),
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as Body };
}

export interface RpcAnswer {
  readonly jsonrpc: string;
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: Row };
}

/** `POST /jsonrpc` with a service, a method and its arguments. */
export async function jsonRpc(
  erp: TestSandbox,
  service: string,
  method: string,
  args: readonly unknown[],
): Promise<RpcAnswer> {
  const response = await fetch(`${erp.url}/jsonrpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 7, params: { service, method, args } }),
  });
  if (response.status !== 200) throw new Error(`jsonrpc answered ${response.status}`);
  return (await response.json()) as RpcAnswer;
}

interface XmlRpcClient {
  methodCall(method: string, args: readonly unknown[], done: (error: unknown, value: unknown) => void): void;
}
/** The package has no types. */
const xmlrpc = createRequire(import.meta.url)('xmlrpc') as { createClient(address: string): XmlRpcClient };

/** A call by the npm client. Faults reject with `faultCode` and `faultString`. */
export function xmlRpc(erp: TestSandbox, service: string, method: string, args: readonly unknown[]): Promise<unknown> {
  const client = xmlrpc.createClient(`${erp.url}/xmlrpc/2/${service}`);
  return new Promise((resolve, reject) => {
    client.methodCall(method, args, (error, value) => {
      if (error === null || error === undefined) resolve(value);
      else reject(error instanceof Error ? error : new Error('the client gave no error', { cause: error }));
    });
  });
}

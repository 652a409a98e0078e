import { call, DATA, type Answer, type OrgClient } from './org-client.ts';

export interface Effect {
  readonly op: string;
  readonly object: string;
  readonly id: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly marker?: string;
  readonly cause?: string;
}

export interface LedgerEntry {
  readonly seq: number;
  readonly kind: string;
  readonly user: string | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly request?: string;
  readonly effects: readonly Effect[];
}

export interface Write {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A call with a body to the data API. */
export function write(
  org: OrgClient,
  method: string,
  path: string,
  body: unknown,
  { token = org.tokens.access_token, headers = {} }: Write = {},
): Promise<Answer> {
  const csv = typeof body === 'string';
  const type = csv ? 'text/csv' : 'application/json';
  return call(org.sandbox, `${DATA}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': type, ...headers },
    ...(body === null ? {} : { body: csv ? body : JSON.stringify(body) }),
  });
}

/** What the ledger has after an entry, and its last number. */
export async function since(org: OrgClient, seq: number): Promise<readonly LedgerEntry[]> {
  const { entries } = await org.sandbox.control<{ entries: LedgerEntry[] }>('GET', `ledger?since=${seq}&limit=100000`);
  return entries;
}

export async function lastSeq(org: OrgClient): Promise<number> {
  return (await since(org, 0)).at(-1)?.seq ?? 0;
}

/** Effects that callers asked for, of an object, in the ledger after an entry. */
export async function askedFor(org: OrgClient, seq: number, object: string): Promise<readonly Effect[]> {
  const entries = await since(org, seq);
  return entries.flatMap(({ effects }) => effects).filter((one) => one.object === object && one.cause === undefined);
}

/** The codes of a refusal. */
export function codes(answer: Answer): readonly string[] {
  return Array.isArray(answer.json) ? (answer.json as { errorCode: string }[]).map(({ errorCode }) => errorCode) : [];
}

export async function tokenOf(org: OrgClient, username: string): Promise<string> {
  const { tokens } = await org.sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
    users: [username],
  });
  return tokens[username] ?? '';
}

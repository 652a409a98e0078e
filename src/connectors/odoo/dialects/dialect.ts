import type { Json, JsonObject } from '../../../kernel/index.ts';
import type { AccessContext } from '../../contract.ts';
import type { Credential } from '../../kit/http-client.ts';

/** A method of a model, with its parameters by name. */
export interface OdooCall {
  readonly model: string;
  readonly method: string;
  readonly params: JsonObject;
  /**
   * The parameter that the method declares first. RPC sends it by its place:
   * its name changed between versions (`args` became `domain`), its place did
   * not.
   */
  readonly first?: string;
}

/** Positional and named arguments of RPC's `execute_kw`. */
export function rpcArguments({ params, first }: OdooCall): [Json[], JsonObject] {
  const leading = first === undefined ? undefined : params[first];
  if (leading === undefined) return [[], params];
  return [[leading], Object.fromEntries(Object.entries(params).filter(([name]) => name !== first))];
}

/** Who calls where. */
export interface OdooAccount {
  readonly key: string;
  readonly database: string;
  /** The user's number; 0 where the server did not tell, which only JSON-2 can do without. */
  readonly uid: number;
}

/**
 * One of Odoo's ways to carry a call over HTTP. `parse` gives
 * `{ fault: { name, message } }` for an error and `{ result }` for an answer,
 * so that the rest of the connector does not know which one is spoken.
 */
export interface Dialect {
  readonly name: DialectName;
  path(call: OdooCall): string;
  readonly contentType: string;
  /** Everything that depends on the key. */
  credential(call: OdooCall, account: OdooAccount): Credential;
  readonly parse: (text: string, status: number) => Json;
}

export const dialectNames = ['json2', 'jsonrpc', 'xmlrpc'] as const;
export type DialectName = (typeof dialectNames)[number];

/** What a sign-in found out, as it travels with the token. */
export interface OdooFacts {
  readonly dialect: DialectName;
  readonly database: string;
  readonly uid: number;
  /** Of the server, for links: their form changed with 18. */
  readonly major: number;
}

export function contextOf({ dialect, database, uid, major }: OdooFacts): AccessContext {
  return { dialect, database, uid: String(uid), major: String(major) };
}

export function factsIn(context: AccessContext | undefined): OdooFacts {
  const dialect = dialectNames.find((name) => name === context?.['dialect']);
  if (context === undefined || dialect === undefined) throw new Error('an Odoo token lacks the facts of its sign-in');
  const { database = '', uid = '0', major = '0' } = context;
  return { dialect, database, uid: Number(uid), major: Number(major) };
}

/** `odoo.exceptions.AccessError` as `AccessError`: modules moved between versions, names did not. */
export function faultOf(name: string, message: string): Json {
  return { fault: { name: name.split('.').at(-1) ?? name, message } };
}

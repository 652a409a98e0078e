import type { Deliveries } from './delivery/deliveries.ts';
import type { Effect, Handler, SandboxRequest, SandboxResponse } from './http.ts';
import type { OAuthClient, SandboxUser } from './oauth/types.ts';
import type { Route } from './router.ts';
import type { WriteFailures } from './write-failures.ts';

/** What a job or something else in the background did; goes to the ledger at once. */
export interface BackgroundNote {
  /** Whose job it is. */
  readonly user: string | null;
  /** Of the job. */
  readonly path: string;
  readonly effects: readonly Effect[];
}

/** One change to a record, as a user of the org would make it. */
export interface Mutation {
  readonly op: 'create' | 'update' | 'delete' | 'undelete';
  readonly object: string;
  readonly id?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** One change to an object's fields, as the org's admin would make it. Field shapes are the provider's own. */
export interface SchemaChange {
  readonly object: string;
  readonly add?: Readonly<Record<string, unknown>>;
  readonly remove?: string;
  readonly change?: Readonly<Record<string, unknown>>;
}

/** A call may run, and `end` is called when it is over; or it is refused at the door. */
export type Admission =
  { readonly kind: 'admitted'; end(): void } | { readonly kind: 'refused'; readonly response: SandboxResponse };

/** What a provider gives to the kit; the kit adds server, ledger, faults, latency and control API. */
export interface SandboxProvider {
  readonly provider: string;
  readonly routes: readonly Route[];
  /** Answers paths that no route matches, in the provider's own words. */
  readonly notFound: Handler;
  /** Sees every call when it arrives, before faults and latency; for limits on what runs at the same time. */
  begin?(request: SandboxRequest): Admission;
  /** The provider's own error body for a status, used by faults that give a status only. */
  errorAnswer(status: number): SandboxResponse;
  /** Live records per object. */
  counts(): Readonly<Record<string, number>>;
  readonly users: readonly SandboxUser[];
  /** The registered OAuth app; null where people sign in with keys or passwords only. */
  client(): OAuthClient | null;
  setRedirectUris(uris: readonly string[]): void;
  /** What else a client has to know to sign in, such as the name of a database. */
  details?(): Readonly<Record<string, string>>;
  /** Throws ControlError for what the org would not accept. */
  mutate(mutation: Mutation): { readonly id: string; readonly record: unknown; readonly effects: readonly Effect[] };
  changeSchema(change: SchemaChange): { readonly effects: readonly Effect[] };
  /** `accessOnly` only expires access tokens and leaves refresh tokens alive. */
  revoke(input: { readonly user?: string; readonly accessOnly?: boolean }): { readonly ended: number };
  /** Control calls of this provider alone, by their name after `POST /__sandbox/`; each gets the JSON body. */
  readonly controls?: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => unknown>>;
  /** What it sends to receivers outside; absent where it calls nobody. */
  readonly deliveries?: Deliveries;
  /** Refusals of writes to single records on demand; absent where nothing can be written. */
  readonly failures?: WriteFailures;
  /** Is given, once, where to note what happens between calls. */
  observe?(note: (entry: BackgroundNote) => void): void;
  /** The sandbox ends: nothing more may happen in the background. */
  close?(): void;
  /** Provider-specific limits; returns those in force. */
  limits(input: Readonly<Record<string, unknown>>): unknown;
}

/** A control call that cannot be carried out; the message goes to the caller. */
export class ControlError extends Error {}

import { readFileSync } from 'node:fs';
import type { RunningSandboxProcess } from '../../sandbox/client/index.ts';
import type { Finding } from './finding.ts';
import type { Provider } from '../stage/systems.ts';

/** What the checker is told of a run; it knows nothing else, and shares no code with what it checks. */
export interface Facts {
  readonly databaseUrl: string;
  readonly url: string;
  readonly operatorKey: string;
  /** A bearer key per tenant. */
  readonly keys: Readonly<Record<string, string>>;
  readonly systems: readonly SystemFacts[];
  /** Further texts that nobody may find anywhere. */
  readonly secrets: readonly string[];
  readonly logs: readonly { readonly name: string; readonly file: string }[];
  readonly timeline: string;
  /** Events out as they came, one Arrival a line. */
  readonly arrivals: string;
  /** Deliveries in that were acknowledged, one Ack a line. */
  readonly acks: string;
  /** Plans of which the API said that they were accepted, one Accepted a line. */
  readonly accepted: string;
  /** What must not be written, whatever else happens. */
  readonly never: readonly NeverWritten[];
  /** What has to stand in the systems in the end. */
  readonly stands: readonly Standing[];
  /** The object of which all changes after that one are told; null: of none. */
  readonly subscribed: { readonly tenant: string; readonly object: string; readonly afterSequence: number } | null;
  /** What an account may be called, by what was set for it. */
  readonly limits: readonly CallLimit[];
}

/** A text that may not get into any system by a call of ours, and why. */
export interface NeverWritten {
  readonly text: string;
  readonly invariant: Finding['invariant'];
  readonly why: string;
}

export interface Standing {
  readonly integration: string;
  readonly object: string;
  readonly id: string;
  /** One that is compared anyway. */
  readonly field: string;
  readonly value: string;
  readonly why: string;
}

/** At most so many calls in any span of that length. */
export interface CallLimit {
  readonly integration: string;
  /** Which calls count: their path begins so. */
  readonly path: string;
  readonly calls: number;
  readonly windowMs: number;
  /** Wall clock, ms: since when it has been in force. */
  readonly since: number;
}

export interface SystemFacts {
  readonly tenant: string;
  readonly integration: string;
  readonly provider: Provider;
  readonly sandbox: Pick<RunningSandboxProcess, 'url' | 'health' | 'redirectUri' | 'app'>;
  readonly proxyControl: string;
}

export const readFacts = (file: string): Facts => JSON.parse(readFileSync(file, 'utf8')) as Facts;

/** Begins every text that the harness writes into a tenant's systems. */
export const canaryOf = (tenant: string): string => `canary-${tenant}-`;

import type { Dispatcher } from 'undici';
import type { Clock, Random, TenantId } from '../kernel/index.ts';
import type { AlertSettings } from '../manifest/index.ts';
import type { Db } from '../store/index.ts';
import type { AlertLogEvent } from './events.ts';
import type { AlertFacts, InstallationFacts } from './facts.ts';

/** Where routes lead: what must not stand in a project's files. By name of the route. */
export interface AlertTargets {
  readonly urls: ReadonlyMap<string, string>;
  /** With which webhooks are signed. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Null: mail cannot be sent. */
  readonly mail: MailServer | null;
}

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else it is asked for before anything is said (STARTTLS), or the mail is not sent. */
  readonly secure: boolean;
  /** In the clear, for a mail server on this machine. */
  readonly plain: boolean;
  readonly user: string | null;
  readonly password: string | null;
  readonly from: string;
  /** PEM: certificates to trust besides the usual ones. */
  readonly ca: string | null;
}

/** What telling people of problems stands on. */
export interface AlertDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (event: AlertLogEvent) => void;
  /** As the project in force has it. */
  readonly settings: () => Promise<AlertSettings>;
  readonly slugOf: (tenant: TenantId) => Promise<string>;
  readonly factsOf: (tenant: TenantId) => Promise<AlertFacts>;
  readonly installation: () => Promise<InstallationFacts>;
  readonly targets: AlertTargets;
  /** Whether an address may be sent to; raises where not. */
  readonly checkUrl: (url: string) => URL;
  /** By which receivers are called. */
  readonly receivers: Dispatcher;
  /** Default `limits.alertLeaseMs`. */
  readonly leaseMs?: number;
  /** Default `limits.alertSendTimeoutMs`. */
  readonly timeoutMs?: number;
}

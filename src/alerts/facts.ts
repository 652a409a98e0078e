import type { ConnectionId } from '../kernel/index.ts';
import type { SwitchRow } from '../store/index.ts';
import type { Topic } from './topics.ts';

/**
 * What the rest of the program knows beside the database's rows. Null: it
 * could not be told now, which says nothing about the problem: it neither
 * begins nor ends.
 */
export interface AlertFacts {
  /** Of an integration, for people. */
  readonly titleOf: (integration: string) => string;
  readonly budgets: readonly BudgetFact[] | null;
  readonly mappings: readonly MappingFact[] | null;
  /** The overlay does not fit the project: why. Undefined: it fits, or there is none. */
  readonly overlay: { readonly why: string | undefined } | null;
  readonly webhooks: readonly WebhookFact[] | null;
  readonly vault: { readonly unreadable: number; readonly underOtherMaster: number } | null;
}

/** A limit of a provider account that will be used up. */
export interface BudgetFact {
  readonly connection: string;
  readonly limit: string;
  readonly used: number;
  readonly calls: number;
  readonly exhaustedAt: Date;
  readonly resetsAt: Date | null;
}

/** An object of the project that maps what the customer does not have. */
export interface MappingFact {
  readonly object: string;
  /** One sentence per mapping that does not fit. */
  readonly reasons: readonly string[];
}

/** A provider that was asked to call us and does not accept it. */
export interface WebhookFact {
  readonly connection: ConnectionId;
  readonly slug: string;
  readonly what: string;
  readonly who: string | null;
  readonly fix: string | null;
}

/** Of the installation, not of a tenant. */
export interface InstallationFacts {
  readonly embedded: boolean;
  readonly durable: boolean;
  readonly archived: boolean;
  readonly unknownMigrations: readonly string[];
  /** Those about everybody that hold. */
  readonly switches: readonly SwitchRow[];
}

/** Topics that are told from each of them. */
export const topicsOfFacts = {
  budgets: ['budget.running_out'],
  mappings: ['mapping.broken'],
  overlay: ['overlay.stale'],
  webhooks: ['webhook.registration'],
  vault: ['vault.unreadable', 'vault.other_key'],
} as const satisfies Readonly<Partial<Record<keyof AlertFacts, readonly Topic[]>>>;

/** Topics about which these facts say nothing. */
export function untoldTopics(facts: AlertFacts): ReadonlySet<Topic> {
  const names = Object.keys(topicsOfFacts) as readonly (keyof typeof topicsOfFacts)[];
  return new Set(names.flatMap((name): readonly Topic[] => (facts[name] === null ? topicsOfFacts[name] : [])));
}

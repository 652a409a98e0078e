import type { World, WorldAccount, WorldContact, WorldTicket } from '../../world/index.ts';
import type { FieldDraft } from '../fields/field.ts';
import type { SystemField } from '../fields/system-fields.ts';
import { ACME } from './acme.ts';
import { GLOBEX } from './globex.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface CustomValue {
  readonly id: number;
  readonly value: unknown;
}

/** How one company set up its help desk. `bits` are a record's own random bits. */
export interface Profile {
  /** As the account and its brand are called. */
  readonly name: string;
  readonly subdomain: string;
  readonly zone: { readonly name: string; readonly iana: string };
  readonly locale: { readonly id: number; readonly code: string };
  readonly groups: readonly [general: string, technical: string];
  readonly systemFields: readonly SystemField[];
  /** The order fixes the ids. */
  readonly ticketFields: readonly FieldDraft[];
  readonly organizationFields: readonly FieldDraft[];
  readonly userFields: readonly FieldDraft[];
  readonly ticket: (ticket: WorldTicket, bits: number) => TicketPart;
  readonly organization: (record: RecordOf<WorldAccount>, bits: number) => OrganizationPart;
  readonly endUser: (record: RecordOf<WorldContact>, bits: number) => { readonly user_fields: Fields };
  readonly staffFields: Fields;
}

/** A record of the world and its index there. */
export interface RecordOf<T> {
  readonly index: number;
  readonly value: T;
}

export interface TicketPart {
  readonly tags: readonly string[];
  readonly custom_fields: readonly CustomValue[];
}

export interface OrganizationPart {
  readonly domain_names: readonly string[];
  readonly details: string;
  readonly notes: string;
  /** The account's id in the CRM, where somebody keeps it here. */
  readonly external_id: string | null;
  readonly tags: readonly string[];
  readonly organization_fields: Fields;
}

export function profileOf(world: World): Profile {
  return world.company.id === 'globex' ? GLOBEX : ACME;
}

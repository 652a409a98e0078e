import { hash32, hashText } from '../../kit/index.ts';
import type { World, WorldTicket } from '../../world/index.ts';
import { endUserOfContact } from '../../world/index.ts';
import { CATEGORIES, SITES, TICKET_FIELD_IDS } from '../fields/base-fields.ts';
import { agentId, BRAND_ID, endUserId, GROUPS, organizationIds, TICKET_FORM_ID, ticketIds } from '../ids.ts';
import type { Base, Body } from '../store/collection.ts';
import { isoSeconds, secondsOf } from './body.ts';

export interface CustomValue {
  readonly id: number;
  readonly value: unknown;
}

const SALT = hashText('zendesk ticket');
const CHANNELS = ['email', 'email', 'web', 'api', 'mobile_sdk'] as const;

export function ticketBase(world: World): Base {
  return {
    size: world.counts.tickets,
    idOf: ticketIds.of,
    changedS: (index) => world.modifiedMs('tickets', index) / 1000,
    firstChangedFrom: (seconds) => world.firstModifiedFrom('tickets', seconds * 1000),
    build: (index) => ticketBody(world, index),
  };
}

function ticketBody(world: World, index: number): Body {
  const ticket = world.ticket(index);
  const bits = hash32(world.seed, SALT, index);
  const requester = endUserId(world.counts, endUserOfContact(ticket.requester) ?? 0);
  return {
    ...emptyTicket(ticketIds.of(index)),
    via: { channel: CHANNELS[bits % CHANNELS.length], source: { from: {}, to: {}, rel: null } },
    created_at: isoSeconds(ticket.createdAt),
    updated_at: isoSeconds(updatedAt(ticket, bits)),
    generated_timestamp: secondsOf(ticket.modifiedAt),
    type: ticket.type,
    subject: ticket.subject,
    raw_subject: ticket.subject,
    description: ticket.description,
    priority: ticket.priority,
    status: ticket.status,
    recipient: null,
    requester_id: requester,
    submitter_id: requester,
    assignee_id: ticket.assignee === null ? null : agentId(ticket.assignee),
    organization_id: organizationIds.of(ticket.account),
    group_id: GROUPS[ticket.productArea === 'api' || ticket.productArea === 'import' ? 1 : 0].id,
    // Options of drop-down and multi-select fields are tags as well.
    tags: [...ticket.tags, ticket.productArea, ...sites(bits)].toSorted(),
    custom_fields: customValues(ticket, bits),
  };
}

/**
 * A business rule closes or touches about one ticket in twelve after the last
 * person did: `generated_timestamp` moves, `updated_at` stays.
 */
function updatedAt(ticket: WorldTicket, bits: number): Date {
  if (bits % 12 !== 0) return ticket.modifiedAt;
  const earlier = ticket.modifiedAt.getTime() - ((bits >>> 4) % 345_600) * 1000;
  return new Date(Math.max(ticket.createdAt.getTime(), earlier));
}

/** Numbers of ticket fields travel as text, check boxes as booleans, dates without a time. */
function customValues(ticket: WorldTicket, bits: number): readonly CustomValue[] {
  const affected = (bits >>> 7) % 5 === 0 ? String(1 + ((bits >>> 9) % 400)) : null;
  const category = (bits >>> 3) % 4 === 0 ? CATEGORIES[(bits >>> 11) % CATEGORIES.length] : null;
  const followUp =
    ticket.status === 'hold' || ticket.status === 'pending'
      ? new Date(ticket.modifiedAt.getTime() + (1 + ((bits >>> 5) % 30)) * 86_400_000).toISOString().slice(0, 10)
      : null;
  return [
    { id: TICKET_FIELD_IDS.productArea, value: ticket.productArea },
    { id: TICKET_FIELD_IDS.contractNumber, value: ticket.contractNumber },
    { id: TICKET_FIELD_IDS.revenueAtRisk, value: ticket.revenueAtRiskEur?.toFixed(2) ?? null },
    { id: TICKET_FIELD_IDS.escalated, value: ticket.escalated },
    { id: TICKET_FIELD_IDS.category, value: category },
    { id: TICKET_FIELD_IDS.followUp, value: followUp },
    { id: TICKET_FIELD_IDS.sites, value: sites(bits) },
    { id: TICKET_FIELD_IDS.affected, value: affected },
  ];
}

function sites(bits: number): readonly string[] {
  return SITES.filter((_site, at) => (bits >>> (13 + 3 * at)) % 8 === 0).map((site) => site.value);
}

/** A ticket that nobody has filled in yet, with every key that the API shows. */
export function emptyTicket(id: number): Body {
  return {
    id,
    external_id: null,
    via: { channel: 'api', source: { from: {}, to: {}, rel: null } },
    created_at: null,
    updated_at: null,
    generated_timestamp: null,
    type: null,
    subject: '',
    raw_subject: '',
    description: '',
    priority: null,
    status: 'new',
    recipient: null,
    requester_id: null,
    submitter_id: null,
    assignee_id: null,
    organization_id: null,
    group_id: GROUPS[0].id,
    collaborator_ids: [],
    follower_ids: [],
    email_cc_ids: [],
    forum_topic_id: null,
    problem_id: null,
    has_incidents: false,
    is_public: true,
    due_at: null,
    tags: [],
    custom_fields: [],
    satisfaction_rating: null,
    sharing_agreement_ids: [],
    custom_status_id: null,
    followup_ids: [],
    ticket_form_id: TICKET_FORM_ID,
    brand_id: BRAND_ID,
    allow_channelback: false,
    allow_attachments: true,
    from_messaging_channel: false,
  };
}

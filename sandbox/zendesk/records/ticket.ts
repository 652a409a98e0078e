import { hash32, hashText } from '../../kit/index.ts';
import type { World, WorldTicket } from '../../world/index.ts';
import { endUserOfContact } from '../../world/index.ts';
import { agentId, BRAND_ID, endUserId, GROUP_IDS, organizationIds, TICKET_FORM_ID, ticketIds } from '../ids.ts';
import { profileOf } from '../profiles/profile.ts';
import type { Base, Body } from '../store/collection.ts';
import { isoSeconds, secondsOf } from './body.ts';

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
    group_id: GROUP_IDS[ticket.productArea === 'api' || ticket.productArea === 'import' ? 1 : 0],
    ...profileOf(world).ticket(ticket, bits),
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
    group_id: GROUP_IDS[0],
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

const PREFIX = 'zen:event-type:';

/** Source: Zendesk, "Webhook event types": Ticket events, User events, Organization events. */
const TICKET = [
  'agent_assignment_changed',
  'attachment_linked_to_comment',
  'attachment_redacted_from_comment',
  'brand_changed',
  'comment_added',
  'comment_made_private',
  'comment_redacted',
  'created',
  'csat_received',
  'csat_requested',
  'custom_field_changed',
  'custom_status_changed',
  'description_changed',
  'email_ccs_changed',
  'external_id_changed',
  'followers_changed',
  'form_changed',
  'group_assignment_changed',
  'marked_as_spam',
  'merged',
  'next_sla_breach_changed',
  'ola_policy_changed',
  'organization_changed',
  'permanently_deleted',
  'priority_changed',
  'problem_link_changed',
  'requester_changed',
  'schedule_changed',
  'sla_policy_changed',
  'soft_deleted',
  'status_changed',
  'subject_changed',
  'submitter_changed',
  'tags_changed',
  'task_due_at_changed',
  'type_changed',
  'undeleted',
];
const USER = [
  'active_changed',
  'alias_changed',
  'created',
  'custom_field_changed',
  'custom_role_changed',
  'default_group_changed',
  'deleted',
  'details_changed',
  'external_id_changed',
  'group_membership_created',
  'group_membership_deleted',
  'identity_changed',
  'identity_created',
  'identity_deleted',
  'last_login_changed',
  'merged',
  'name_changed',
  'notes_changed',
  'only_private_comments_changed',
  'organization_membership_created',
  'organization_membership_deleted',
  'password_changed',
  'photo_changed',
  'role_changed',
  'suspended_changed',
  'tags_changed',
  'time_zone_changed',
];
const ORGANIZATION = [
  'created',
  'custom_field_changed',
  'deleted',
  'external_id_changed',
  'name_changed',
  'tags_changed',
];

/** Webhooks with this are called by triggers and automations, and by nothing else. */
export const CONDITIONAL = 'conditional_ticket_events';

const KNOWN: ReadonlySet<string> = new Set([
  ...TICKET.map((name) => `${PREFIX}ticket.${name}`),
  ...USER.map((name) => `${PREFIX}user.${name}`),
  ...ORGANIZATION.map((name) => `${PREFIX}organization.${name}`),
]);

export function isEventType(text: string): boolean {
  return KNOWN.has(text);
}

export function eventType(subject: 'ticket' | 'user' | 'organization', name: string): string {
  return `${PREFIX}${subject}.${name}`;
}

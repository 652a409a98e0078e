/**
 * Event types by what they tell of (developer.zendesk.com, Webhooks API: "Ticket
 * events", "User events", "Organization events"). Every type has to be named in
 * a subscription. Left out is what changes nothing that is replicated: logins,
 * passwords. Of an organization's details, notes and domains Zendesk tells
 * nothing: those come by schedule.
 */
const EVENTS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'tickets',
    typesOf('ticket', [
      'agent_assignment_changed',
      'attachment_linked_to_comment',
      'attachment_redacted_from_comment',
      'brand_changed',
      'comment_added',
      'comment_made_private',
      'comment_redacted',
      'created',
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
      'organization_changed',
      'permanently_deleted',
      'priority_changed',
      'problem_link_changed',
      'requester_changed',
      'soft_deleted',
      'status_changed',
      'subject_changed',
      'submitter_changed',
      'tags_changed',
      'task_due_at_changed',
      'type_changed',
      'undeleted',
    ]),
  ],
  [
    'users',
    typesOf('user', [
      'active_changed',
      'alias_changed',
      'created',
      'custom_field_changed',
      'custom_role_changed',
      'default_group_changed',
      'deleted',
      'details_changed',
      'external_id_changed',
      'identity_changed',
      'identity_created',
      'identity_deleted',
      'merged',
      'name_changed',
      'notes_changed',
      'only_private_comments_changed',
      'organization_membership_created',
      'organization_membership_deleted',
      'photo_changed',
      'role_changed',
      'suspended_changed',
      'tags_changed',
      'time_zone_changed',
    ]),
  ],
  [
    'organizations',
    typesOf('organization', [
      'created',
      'custom_field_changed',
      'deleted',
      'external_id_changed',
      'name_changed',
      'tags_changed',
    ]),
  ],
]);

function typesOf(subject: string, events: readonly string[]): string[] {
  return events.map((event) => `zen:event-type:${subject}.${event}`);
}

/** All of which Zendesk tells, in a fixed order. */
export const eventObjects: readonly string[] = [...EVENTS.keys()];

export const toldObjects = (objects: readonly string[]): string[] =>
  eventObjects.filter((object) => objects.includes(object));

export const subscriptionsFor = (objects: readonly string[]): string[] =>
  toldObjects(objects).flatMap((object) => EVENTS.get(object) ?? []);

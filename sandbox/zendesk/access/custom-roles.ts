/** Source: Zendesk API reference, "Custom Agent Roles", configuration. */
export const TICKET_ACCESS = [
  'all',
  'assigned-only',
  'within-groups',
  'within-groups-and-public-groups',
  'within-organization',
] as const;
export type TicketAccess = (typeof TICKET_ACCESS)[number];

export interface CustomRole {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly ticketAccess: TicketAccess;
  /** `none`: no lists of user profiles. */
  readonly endUserLists: 'full' | 'none';
  /** What it lets its agents write; absent: tickets alone. */
  readonly writes?: RoleWrites;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export const PROFILE_ACCESS = ['readonly', 'edit-within-org', 'edit', 'full'] as const;

export interface RoleWrites {
  readonly ticketEditing: boolean;
  readonly ticketDeletion: boolean;
  /** Of end users: those of the agent's organizations, all, or all and delete them. */
  readonly profiles: (typeof PROFILE_ACCESS)[number];
  readonly organizations: 'none' | 'notes' | 'edit';
}

const TICKETS_ALONE: RoleWrites = {
  ticketEditing: true,
  ticketDeletion: false,
  profiles: 'readonly',
  organizations: 'none',
};

export const writesOf = ({ writes }: Pick<CustomRole, 'writes'>): RoleWrites => writes ?? TICKETS_ALONE;

/** A role as the API shows it. Settings that decide nothing here have their plain values. */
export function roleJson(role: CustomRole, members: number): Readonly<Record<string, unknown>> {
  return {
    id: role.id,
    name: role.name,
    description: role.description,
    role_type: 0,
    created_at: role.createdAt,
    updated_at: role.updatedAt,
    team_member_count: members,
    configuration: {
      assign_tickets_to_any_group: false,
      chat_access: false,
      end_user_list_access: role.endUserLists,
      end_user_profile_access: writesOf(role).profiles,
      explore_access: 'none',
      forum_access: 'readonly',
      forum_access_restricted_content: false,
      group_access: false,
      light_agent: false,
      macro_access: 'readonly',
      manage_business_rules: false,
      manage_roles: 'none',
      manage_team_members: 'none',
      moderate_forums: false,
      organization_editing: writesOf(role).organizations === 'edit',
      organization_notes_editing: writesOf(role).organizations !== 'none',
      report_access: 'none',
      side_conversation_create: true,
      ticket_access: role.ticketAccess,
      ticket_comment_access: 'public',
      ticket_deletion: writesOf(role).ticketDeletion,
      ticket_editing: writesOf(role).ticketEditing,
      ticket_merge: false,
      ticket_tag_editing: true,
      user_view_access: role.endUserLists === 'none' ? 'none' : 'readonly',
      view_access: 'readonly',
      view_deleted_tickets: false,
      voice_access: true,
    },
  };
}

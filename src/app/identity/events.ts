/** Who may do what has changed: for the log. */
export interface IdentityLogEvent {
  readonly kind: 'identity_changed';
  readonly change: IdentityChange;
  readonly by: string;
}

export type IdentityChange =
  /** `role` null: removed. */
  | { readonly what: 'operator'; readonly name: string; readonly role: string | null }
  | { readonly what: 'agent'; readonly agent: string; readonly state: 'suspended' | 'active' }
  | {
      readonly what: 'agent_key';
      readonly tenant: string;
      readonly agent: string;
      readonly state: 'made' | 'rotated' | 'ended';
    }
  /** Of an identity provider: what was issued to the operator before is void. */
  | { readonly what: 'operator_signed_out'; readonly name: string }
  /** Of which tenant; who it was stands in no log. */
  | { readonly what: 'signed_out'; readonly tenant: string };

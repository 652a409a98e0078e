import { fieldIds } from '../ids.ts';
import type { Profile } from '../profiles/profile.ts';
import { fieldFrom, type CustomField, type FieldDraft } from './field.ts';

export type FieldOwner = 'tickets' | 'organizations' | 'users';

export interface FieldStore {
  /** In the order of their positions. */
  of(owner: FieldOwner): readonly CustomField[];
  find(owner: FieldOwner, idOrKey: string): CustomField | null;
  add(owner: FieldOwner, draft: FieldDraft, at: string): CustomField;
  replace(owner: FieldOwner, field: CustomField): void;
  remove(owner: FieldOwner, id: number): void;
}

export function createFieldStore(profile: Profile, at: string): FieldStore {
  let used = 0;
  const make = (draft: FieldDraft, when: string): CustomField => {
    const field = fieldFrom(draft, fieldIds.of(used), when);
    used += 1;
    return field;
  };
  // Ticket fields come first: their ids are known to the base records.
  const fields: Record<FieldOwner, readonly CustomField[]> = {
    tickets: profile.ticketFields.map((draft) => make(draft, at)),
    organizations: profile.organizationFields.map((draft) => make(draft, at)),
    users: profile.userFields.map((draft) => make(draft, at)),
  };
  return {
    of: (owner) => fields[owner],
    find: (owner, idOrKey) =>
      fields[owner].find((field) => String(field.id) === idOrKey || (field.key !== null && field.key === idOrKey)) ??
      null,
    add: (owner, draft, when) => {
      const field = make(draft, when);
      fields[owner] = [...fields[owner], field];
      return field;
    },
    replace: (owner, field) => {
      fields[owner] = fields[owner].map((one) => (one.id === field.id ? field : one));
    },
    remove: (owner, id) => {
      fields[owner] = fields[owner].filter((one) => one.id !== id);
    },
  };
}

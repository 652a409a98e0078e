export type FieldType =
  'text' | 'textarea' | 'checkbox' | 'date' | 'integer' | 'decimal' | 'regexp' | 'tagger' | 'dropdown' | 'multiselect';

export interface FieldOption {
  readonly name: string;
  /** The tag that records hold. */
  readonly value: string;
}

/** A custom field; tickets name theirs by id, organizations and users by key. */
export interface CustomField {
  readonly id: number;
  readonly type: FieldType;
  readonly title: string;
  readonly key: string | null;
  readonly description: string;
  /** Of tickets: what agents alone read; null: nothing. */
  readonly agentDescription: string | null;
  readonly active: boolean;
  readonly required: boolean;
  readonly regexp: string | null;
  readonly options: readonly FieldOption[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What admins gave the fields, before ids and dates. */
export type FieldDraft = Pick<CustomField, 'type' | 'title'> &
  Partial<Pick<CustomField, 'key' | 'description' | 'agentDescription' | 'active' | 'required' | 'regexp' | 'options'>>;

export function fieldFrom(draft: FieldDraft, id: number, at: string): CustomField {
  return {
    id,
    type: draft.type,
    title: draft.title,
    key: draft.key ?? null,
    description: draft.description ?? '',
    agentDescription: draft.agentDescription ?? null,
    active: draft.active ?? true,
    required: draft.required ?? false,
    regexp: draft.regexp ?? null,
    options: draft.options ?? [],
    createdAt: at,
    updatedAt: at,
  };
}

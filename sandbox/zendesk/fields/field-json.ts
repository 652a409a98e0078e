import { fieldIds, optionIds } from '../ids.ts';
import type { CustomField, FieldOption } from './field.ts';
import type { FieldOwner } from './field-store.ts';
import type { SystemField } from './system-fields.ts';

type Json = Readonly<Record<string, unknown>>;

/** System fields have the ids before the custom ones of an account's id space. */
const SYSTEM_ID_BACK = 600;
const PATHS = { tickets: 'ticket_fields', organizations: 'organization_fields', users: 'user_fields' } as const;

/** All ticket fields as the API lists them: system fields first. */
export function ticketFieldList(
  origin: string,
  systemFields: readonly SystemField[],
  custom: readonly CustomField[],
  at: string,
): readonly Json[] {
  const system = systemFields.map((field, place) => {
    const id = fieldIds.of(0) - SYSTEM_ID_BACK + place * 20;
    return {
      ...ticketFieldShape(origin, id, place, {
        ...field,
        description: '',
        agentDescription: null,
        active: true,
        regexp: null,
      }),
      removable: false,
      created_at: at,
      updated_at: at,
      ...(field.options === undefined
        ? {}
        : { system_field_options: field.options.map(([name, value]) => ({ name, value })) }),
    };
  });
  return [...system, ...custom.map((field, place) => ticketFieldJson(origin, field, system.length + place))];
}

export function ticketFieldJson(origin: string, field: CustomField, position: number): Json {
  return {
    ...ticketFieldShape(origin, field.id, position, field),
    removable: true,
    created_at: field.createdAt,
    updated_at: field.updatedAt,
    ...(hasOptions(field) ? { custom_field_options: options(field) } : {}),
  };
}

interface Titled {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly agentDescription: string | null;
  readonly active: boolean;
  readonly required: boolean;
  readonly regexp: string | null;
}

function ticketFieldShape(origin: string, id: number, position: number, field: Titled): Json {
  return {
    url: `${origin}/api/v2/ticket_fields/${id}.json`,
    id,
    type: field.type,
    title: field.title,
    raw_title: field.title,
    description: field.description,
    raw_description: field.description,
    position,
    active: field.active,
    required: field.required,
    collapsed_for_agents: false,
    regexp_for_validation: field.regexp,
    title_in_portal: field.title,
    raw_title_in_portal: field.title,
    visible_in_portal: false,
    editable_in_portal: false,
    required_in_portal: false,
    tag: null,
    agent_description: field.agentDescription,
  };
}

/** A field of organizations or users; records hold its value under `key`. */
export function keyedFieldJson(origin: string, owner: FieldOwner, field: CustomField, position: number): Json {
  return {
    url: `${origin}/api/v2/${PATHS[owner]}/${field.id}.json`,
    id: field.id,
    type: field.type,
    key: field.key,
    title: field.title,
    raw_title: field.title,
    description: field.description,
    raw_description: field.description,
    position,
    active: field.active,
    system: false,
    regexp_for_validation: field.regexp,
    created_at: field.createdAt,
    updated_at: field.updatedAt,
    tag: null,
    ...(hasOptions(field) ? { custom_field_options: options(field) } : {}),
  };
}

function hasOptions(field: CustomField): boolean {
  return field.type === 'tagger' || field.type === 'dropdown' || field.type === 'multiselect';
}

function options(field: CustomField): readonly Json[] {
  return field.options.map((option: FieldOption, place) => ({
    id: optionIds.of(((field.id - fieldIds.of(0)) / 60) * 100 + place),
    name: option.name,
    raw_name: option.name,
    value: option.value,
    default: false,
  }));
}

import type { Account } from '../account.ts';
import type { CustomField } from '../fields/field.ts';
import { ticketFieldList } from '../fields/field-json.ts';
import type { CustomValue } from '../profiles/profile.ts';
import type { Body } from '../store/collection.ts';
import { customValue } from './custom-value.ts';
import { idOrNull, isGiven, tagList, type Given } from './given.ts';
import type { Problem, Problems } from './refusal.ts';

const FIELD_TYPES: Readonly<Record<string, string>> = {
  tagger: 'FieldTagger',
  multiselect: 'FieldMultiselect',
  checkbox: 'FieldCheckbox',
  integer: 'FieldInteger',
  decimal: 'FieldDecimal',
  date: 'FieldDate',
  regexp: 'FieldRegexp',
  textarea: 'FieldTextarea',
  text: 'FieldText',
};

/** A complaint about a custom field of a ticket. */
export function aboutField(field: CustomField, why: string, error: string | null): Problem {
  return {
    description: `${field.title}: ${why}`,
    error,
    ticket_field_id: field.id,
    ticket_field_type: FIELD_TYPES[field.type] ?? 'FieldText',
  };
}

/** Id of the system field that holds the first comment. */
export function descriptionField(account: Account): Problem {
  const field = ticketFieldList('', account.profile.systemFields, [], '').find(
    (each) => each['type'] === 'description',
  );
  return {
    description: 'Description: cannot be blank',
    error: 'BlankValue',
    ticket_field_id: Number(field?.['id']),
    ticket_field_type: 'FieldDescription',
  };
}

/**
 * Custom fields and tags together: options of drop-down and multi-select fields
 * are tags as well, so that each changes the other. Unknown and inactive fields
 * are passed over.
 */
export function ticketValues(account: Account, before: Body, given: Given, problems: Problems): Given {
  const fields = account.fields.of('tickets');
  const old = new Map((before['custom_fields'] as readonly CustomValue[]).map(({ id, value }) => [id, value]));
  const values = new Map(old);
  const written = new Set<number>();
  for (const { id, value } of givenValues(given)) {
    const field = fields.find((each) => each.id === id && each.active);
    if (field === undefined) continue;
    const read = customValue(field, value, 'ticket');
    if (read.kind === 'wrong') problems.add('base', aboutField(field, read.why, 'InvalidValue'));
    else values.set(id, read.value);
    written.add(id);
  }
  const changes = tagChanges(before, given);
  if (written.size === 0 && changes === null) return {};
  let tags = changes ?? (before['tags'] as readonly string[]);
  for (const field of fields.filter(({ type }) => type === 'tagger' || type === 'multiselect')) {
    const options = field.options.map((option) => option.value);
    if (written.has(field.id)) {
      const chosen = optionsOf(values.get(field.id));
      tags = [...tags.filter((tag) => !options.includes(tag)), ...chosen];
    } else if (changes !== null) {
      const chosen = options.filter((option) => tags.includes(option));
      values.set(field.id, field.type === 'multiselect' ? chosen : (chosen[0] ?? null));
    }
  }
  return {
    tags: [...new Set(tags)].toSorted(),
    custom_fields: [...values].map(([id, value]) => ({ id, value })),
  };
}

function optionsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
}

/** `tags` replaces, `additional_tags` and `remove_tags` change; null: tags are not written. */
function tagChanges(before: Body, given: Given): readonly string[] | null {
  const { tags, additional_tags: more, remove_tags: less } = given;
  if (tags === undefined && more === undefined && less === undefined) return null;
  const base = tags === undefined ? (before['tags'] as readonly string[]) : tagList(tags);
  const without = tagList(less);
  return [...base.filter((tag) => !without.includes(tag)), ...tagList(more)];
}

/** `custom_fields` is a list of `{id, value}` or an object by id; `fields` is its old name. */
function givenValues(given: Given): readonly CustomValue[] {
  const list = given['custom_fields'] ?? given['fields'];
  const pairs: readonly unknown[] = Array.isArray(list)
    ? (list as unknown[]).flatMap((each) => (isGiven(each) && 'id' in each ? [each] : isGiven(each) ? byId(each) : []))
    : isGiven(list)
      ? byId(list)
      : [];
  return pairs.flatMap((each) => {
    const id = isGiven(each) ? idOrNull(each['id']) : null;
    return id === null || !isGiven(each) ? [] : [{ id, value: each['value'] }];
  });
}

function byId(given: Given): readonly Given[] {
  return Object.entries(given).map(([id, value]) => ({ id, value }));
}

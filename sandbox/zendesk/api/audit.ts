import type { Written } from '../writes/write-one.ts';
import type { Json } from './present.ts';

const FIRST_ID = 43_200_000_000_117;
const SYSTEM = ['updated_at', 'created_at', 'generated_timestamp', 'id', 'raw_subject', 'description', 'custom_fields'];

/** What one saving of a ticket changed, as it comes with the answer. Source: Zendesk, "Ticket Audits". */
export function auditOf({ before, body, effects }: Written, author: number): Json {
  const id = FIRST_ID + body.id * 1_000 + (Number(body['generated_timestamp']) % 1_000);
  const own = effects.find(({ object, cause }) => object === 'tickets' && cause === undefined);
  const fields = own?.fields ?? {};
  const events = Object.entries(fields).flatMap(([name, value], place): readonly Json[] => {
    if (SYSTEM.includes(name)) return [];
    if (name === 'comment') return [{ id: id + place + 1, type: 'Comment', author_id: author, ...(value as Json) }];
    const change = before === null ? { type: 'Create' } : { type: 'Change', previous_value: before[name] };
    return [{ id: id + place + 1, field_name: name, value, ...change }];
  });
  return {
    id,
    ticket_id: body.id,
    created_at: body['updated_at'],
    author_id: author,
    metadata: { system: {} },
    events,
  };
}

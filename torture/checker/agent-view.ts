import type { Facts } from './facts.ts';
import { plain } from './truth.ts';

/** What an agent of the tenant sees of one native object: its id, and one field. */
export async function agentView(
  { url, keys }: Facts,
  tenant: string,
  place: { readonly object: string; readonly idField: string; readonly field: string },
): Promise<ReadonlyMap<string, string | null>> {
  const seen = new Map<string, string | null>();
  let cursor: string | undefined;
  do {
    const response = await fetch(`${url}/v1/tools/query_records`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys[tenant] ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        object: place.object,
        fields: [place.idField, place.field],
        sort: [{ field: place.idField }],
        limit: 200,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`query_records of ${place.object} answered ${String(response.status)}: ${text.slice(0, 300)}`);
    const answer = JSON.parse(text) as { rows: unknown[][]; next_cursor?: string };
    for (const [id, value] of answer.rows) seen.set(String(id), plain(place.field, value));
    cursor = answer.next_cursor;
  } while (cursor !== undefined);
  return seen;
}

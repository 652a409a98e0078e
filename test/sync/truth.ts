import type { JsonObject } from '../../src/kernel/index.ts';
import type { SyncHarness } from './harness.ts';

interface Answer {
  readonly records: readonly JsonObject[];
  readonly nextRecordsUrl?: string;
}

/** What the org itself says of an object now, by its own paging and without our connector: some fields by id. */
export async function truthOf(
  { signedIn }: Pick<SyncHarness, 'signedIn'>,
  object: string,
  fields: readonly string[],
): Promise<Map<string, JsonObject>> {
  const { apiUrl } = signedIn.access;
  const { accessToken } = await signedIn.access.token();
  const found = new Map<string, JsonObject>();
  const soql = `SELECT ${['Id', ...fields].join(', ')} FROM ${object}`;
  let path: string | undefined = `/services/data/v62.0/query?q=${encodeURIComponent(soql)}`;
  while (path !== undefined) {
    const response = await fetch(`${apiUrl}${path}`, { headers: { authorization: `Bearer ${accessToken}` } });
    if (!response.ok) throw new Error(`the org says ${String(response.status)}`);
    const answer = (await response.json()) as Answer;
    for (const { attributes: _, ...record } of answer.records) found.set(String(record['Id']), record);
    path = answer.nextRecordsUrl;
  }
  return found;
}

/** The same fields of what we hold, in the same form: a field without a value is null. */
export async function heldOf(
  harness: SyncHarness,
  object: string,
  fields: readonly string[],
): Promise<Map<string, JsonObject>> {
  const records = [...(await harness.records(object))];
  return new Map(
    records.map(([id, doc]) => [id, Object.fromEntries(['Id', ...fields].map((name) => [name, doc[name] ?? null]))]),
  );
}

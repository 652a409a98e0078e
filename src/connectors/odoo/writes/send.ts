import { canonicalJson, type Json } from '../../../kernel/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { applied, refusedBy, sendEach, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { WriteItem, WriteOutcome, WriteRequest } from '../../writes.ts';
import { withModelNumbers } from '../named-model.ts';
import { writeOnce, type Done, type WriteCall } from './call.ts';
import { idNumbers, odooValues } from './values.ts';
import { markerOf } from './ways.ts';

/** Records that go in one call, and the call. */
interface Part {
  readonly items: readonly WriteItem[];
  readonly call: WriteCall;
}

/**
 * A call is one transaction: all of its records are written or none. Where one
 * of several is refused, nothing stands, and each is sent on its own.
 */
export async function sendWrites(context: SessionContext, request: WriteRequest): Promise<readonly WriteOutcome[]> {
  const byKey = new Map<string, WriteOutcome>();
  const items = await withModelNumbers(context, request.object.name, request.items);
  const parts = partsOf({ ...request, items });
  const firsts = await sendEach(parts, async (part) => {
    const sent = await sendPart(context, request, part);
    for (const [at, { key }] of part.items.entries()) byKey.set(key, sent[at] ?? UNKNOWN);
    return sent[0] ?? UNKNOWN;
  });
  // What could not be sent any more holds for all records of its part.
  for (const [at, part] of parts.entries())
    for (const { key } of part.items) if (!byKey.has(key)) byKey.set(key, firsts[at] ?? UNKNOWN);
  return request.items.map(({ key }) => byKey.get(key) ?? UNKNOWN);
}

async function sendPart(
  context: SessionContext,
  request: WriteRequest,
  { items, call }: Part,
): Promise<readonly WriteOutcome[]> {
  const done = await writeOnce(context, call, request.beforeSend);
  if (done.kind !== 'refused' || items.length === 1) return outcomesOf(request, items, done);
  return sendEach(items, async (item) => {
    const alone = await writeOnce(context, callOf(request, [item]), request.beforeSend);
    return outcomesOf(request, [item], alone)[0] ?? UNKNOWN;
  });
}

function outcomesOf({ operation }: WriteRequest, items: readonly WriteItem[], done: Done): readonly WriteOutcome[] {
  if (done.kind === 'unknown') return items.map(() => UNKNOWN);
  if (done.kind === 'refused') return items.map(() => refusedBy(done.refusal));
  if (operation !== 'create') return items.map(({ recordId }) => applied(recordId ?? ''));
  const ids = idsIn(done.result);
  return items.map((_item, at) => {
    const id = ids[at];
    return id === undefined || ids.length !== items.length ? UNKNOWN : applied(id, { created: true });
  });
}

/** `create` of a list answers with the ids in its order. */
function idsIn(result: Json): string[] {
  const list = Array.isArray(result) ? (result as readonly Json[]) : [result];
  return list.flatMap((id) => (typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? [String(id)] : []));
}

/** Records that share a call: all new ones, all that go, and those that get the same values. */
function partsOf(request: WriteRequest): Part[] {
  const { items, operation } = request;
  if (request.form !== 'batch') return items.map((item) => ({ items: [item], call: callOf(request, [item]) }));
  if (operation !== 'update') return [{ items, call: callOf(request, items) }];
  const groups = new Map<string, WriteItem[]>();
  for (const item of items) {
    const values = canonicalJson({ ...item.values });
    groups.set(values, [...(groups.get(values) ?? []), item]);
  }
  return [...groups.values()].map((own) => ({ items: own, call: callOf(request, own) }));
}

function callOf({ object, operation }: WriteRequest, items: readonly WriteItem[]): WriteCall {
  const model = object.name;
  const ids = idNumbers(items.map(({ recordId }) => recordId));
  switch (operation) {
    case 'create': {
      const marker = markerOf(object);
      const rows = items.map(({ key, values }) => ({
        ...odooValues(object, values),
        ...(marker === null ? {} : { [marker.name]: key }),
      }));
      return { model, method: 'create', params: { vals_list: rows }, first: 'vals_list' };
    }
    case 'update': {
      const vals = odooValues(object, items[0]?.values ?? {});
      return { model, method: 'write', params: { ids, vals }, first: 'ids' };
    }
    case 'delete':
      return { model, method: 'unlink', params: { ids }, first: 'ids' };
    case 'upsert':
      throw new Error('Odoo has no create-or-update');
  }
}

import { signedIn, type LiveAccess } from './live-access.ts';
import { figure, type Figure } from './figure.ts';
import { doorCall, type LoadedStage } from './loaded-stage.ts';

/** What an agent that prepares a call with one customer asks, in its order. */
const CALLS = 8;
/** A hop to a provider, milliseconds: what vendors' APIs take, over the range that agents see. */
const HOPS = [200, 300, 400, 500, 600, 700, 800];

/** Eight questions on one customer: through the tools, and straight to the two vendors' APIs. */
export async function* turnBench(loaded: LoadedStage, turns: number): AsyncIterable<Figure> {
  const ask = await doorCall(loaded);
  const live = await signedIn(loaded.stage);
  const accounts = await ask('query_records', {
    object: 'account',
    fields: ['crm_id'],
    filter: { field: { count: 'tickets' }, op: 'gt', value: 3 },
    limit: 50,
  });
  const ids = (accounts['rows'] as string[][]).map((row) => row[0] ?? '');
  const samples: number[] = [];
  const floor: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const id = ids[turn % ids.length] ?? '';
    const started = performance.now();
    const ours = await throughTools(ask, id);
    samples.push(performance.now() - started);
    const liveStarted = performance.now();
    const theirs = await straight(loaded, live, id, turn);
    floor.push(performance.now() - liveStarted);
    if (ours !== theirs)
      throw new Error(`the tools count ${String(ours)} tickets of ${id}, the vendor ${String(theirs)}`);
  }
  await loaded.stage.crm.control('POST', 'latency', { ms: 0 });
  await loaded.stage.support.control('POST', 'latency', { ms: 0 });
  yield figure({ bench: 'turn', case: `${String(CALLS)} questions on one customer`, unit: 'ms', samples, floor });
}

type Ask = Awaited<ReturnType<typeof doorCall>>;

async function throughTools(ask: Ask, id: string): Promise<number> {
  const of = { field: 'account', op: 'eq', value: id };
  await ask('get_record', { object: 'account', id });
  await ask('query_records', { object: 'contact', filter: of });
  await ask('query_records', { object: 'deal', filter: of, sort: [{ field: 'close_date', dir: 'desc' }] });
  await ask('query_records', { object: 'meeting', filter: of, sort: [{ field: 'held_at', dir: 'desc' }], limit: 5 });
  await ask('query_records', { object: 'ticket', filter: of, sort: [{ field: 'updated_at', dir: 'desc' }], limit: 10 });
  const count = await ask('query_records', { object: 'ticket', filter: of, measures: [{ count: '*', as: 'n' }] });
  await ask('query_records', {
    object: 'ticket',
    filter: { and: [of, { field: 'escalated', op: 'eq', value: true }] },
  });
  await ask('query_records', {
    object: 'account',
    filter: { field: 'crm_id', op: 'eq', value: id },
    fields: ['owner.name', 'parent.name'],
  });
  return Number((count['rows'] as unknown[][])[0]?.[0]);
}

/** The least that the same questions cost at the vendors: one call each, two where only a search finds the way. */
async function straight(loaded: LoadedStage, live: LiveAccess, id: string, turn: number): Promise<number> {
  let hop = turn;
  const slowly = async (at: 'crm' | 'support'): Promise<void> => {
    hop += 3;
    await loaded.stage[at].control('POST', 'latency', { ms: HOPS[hop % HOPS.length] });
  };
  const soql = async (query: string): Promise<void> => {
    await slowly('crm');
    await live.crm(`/services/data/v60.0/query?q=${encodeURIComponent(query)}`);
  };
  const desk = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
    await slowly('support');
    return live.desk(path);
  };
  await soql(`select Id, Name, Kundenstatus__c, BillingCity from Account where Id = '${id}'`);
  await soql(`select Id, FirstName, LastName, Email from Contact where AccountId = '${id}'`);
  await soql(
    `select Id, Name, Auftragswert__c, CloseDate from Opportunity where AccountId = '${id}' order by CloseDate desc`,
  );
  await soql(`select Id, Subject, StartDateTime from Event where WhatId = '${id}' order by StartDateTime desc limit 5`);
  const found = await desk(`/api/v2/organizations/search.json?external_id=${encodeURIComponent(id)}`);
  const organization = String((found['organizations'] as { id: number }[])[0]?.id);
  await desk(`/api/v2/organizations/${organization}/tickets.json?per_page=10`);
  const { count } = (await desk(`/api/v2/organizations/${organization}/tickets/count.json`)) as {
    count: { value: number };
  };
  await desk(`/api/v2/search.json?query=${encodeURIComponent(`type:ticket organization:${organization}`)}`);
  await soql(`select Id, Owner.Name, Parent.Name from Account where Id = '${id}'`);
  return count.value;
}

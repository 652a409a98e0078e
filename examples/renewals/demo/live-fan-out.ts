import { callApi, inParallel, type LiveAnswer, type LiveApi } from './live-api.ts';

interface Opportunity {
  readonly Id: string;
  readonly Name: string;
  readonly AccountId: string;
  readonly Auftragswert__c: number;
}

const DAY_MS = 86_400_000;
/** Ids per IN list: keeps the address below the 16 kB that Salesforce takes. */
const IDS_PER_QUERY = 300;

/**
 * The same question without Gantry: what an agent with two API clients has to
 * do. Written against the two vendors' public APIs only; shares no code with
 * the system, so that agreement means something.
 */
export async function liveFanOut(crm: LiveApi, desk: LiveApi, now: Date): Promise<LiveAnswer> {
  const started = performance.now();
  const counter = { calls: 0 };
  const deals = await openRenewals(crm, counter);
  const lastQbr = await lastQbrByAccount(crm, counter, [...new Set(deals.map((deal) => deal.AccountId))]);
  const before = new Date(now.getTime() - 90 * DAY_MS).toISOString();
  const quiet = deals.filter((deal) => (lastQbr.get(deal.AccountId) ?? '~') < before);
  const tickets = await ticketsByAccount(desk, counter, [...new Set(quiet.map((deal) => deal.AccountId))]);
  const answer = quiet
    .filter((deal) => (tickets.get(deal.AccountId) ?? 0) > 10)
    .map((deal) => ({
      id: deal.Id,
      name: deal.Name,
      amount: deal.Auftragswert__c,
      tickets: tickets.get(deal.AccountId) ?? 0,
      lastQbr: lastQbr.get(deal.AccountId) ?? '',
    }));
  return { deals: answer, calls: counter.calls, ms: performance.now() - started };
}

async function openRenewals(crm: LiveApi, counter: { calls: number }): Promise<Opportunity[]> {
  return soql<Opportunity>(
    crm,
    counter,
    "select Id, Name, AccountId, Auftragswert__c from Opportunity where Vertragsart__c = 'Verlängerung'" +
      " and Vertriebsphase__c not in ('Gewonnen', 'Verloren')",
  );
}

async function lastQbrByAccount(
  crm: LiveApi,
  counter: { calls: number },
  accounts: readonly string[],
): Promise<Map<string, string>> {
  const last = new Map<string, string>();
  const chunks = Array.from({ length: Math.ceil(accounts.length / IDS_PER_QUERY) }, (_, index) =>
    accounts.slice(index * IDS_PER_QUERY, (index + 1) * IDS_PER_QUERY),
  );
  await inParallel(chunks, async (chunk) => {
    const events = await soql<{ WhatId: string; StartDateTime: string }>(
      crm,
      counter,
      `select WhatId, StartDateTime from Event where Besprechungsart__c = 'QBR' and WhatId in (${chunk
        .map((id) => `'${id}'`)
        .join(',')})`,
    );
    for (const event of events) {
      const at = new Date(event.StartDateTime.replace(/\+0000$/, 'Z')).toISOString();
      if (at > (last.get(event.WhatId) ?? '')) last.set(event.WhatId, at);
    }
  });
  return last;
}

/** Two calls an account: the help desk knows the CRM's id only as an organization's external id. */
async function ticketsByAccount(
  desk: LiveApi,
  counter: { calls: number },
  accounts: readonly string[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  await inParallel(accounts, async (account) => {
    const found = await callApi<{ organizations: { id: number }[] }>(
      desk,
      counter,
      `/api/v2/organizations/search.json?external_id=${encodeURIComponent(account)}`,
    );
    const organization = found.organizations[0];
    if (organization === undefined) return;
    const { count } = await callApi<{ count: { value: number } }>(
      desk,
      counter,
      `/api/v2/organizations/${String(organization.id)}/tickets/count.json`,
    );
    counts.set(account, count.value);
  });
  return counts;
}

async function soql<Row>(crm: LiveApi, counter: { calls: number }, query: string): Promise<Row[]> {
  const rows: Row[] = [];
  let path: string | undefined = `/services/data/v60.0/query?q=${encodeURIComponent(query)}`;
  while (path !== undefined) {
    const page: { records: Row[]; nextRecordsUrl?: string } = await callApi(crm, counter, path);
    rows.push(...page.records);
    path = page.nextRecordsUrl;
  }
  return rows;
}

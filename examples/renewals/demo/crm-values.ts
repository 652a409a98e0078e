import type { RunningSandboxProcess } from '../../../sandbox/client/index.ts';
import { callApi } from './live-api.ts';
import { liveApiOf } from './live-sign-in.ts';

/** Looks into the CRM past Gantry. */
export interface CrmView {
  /** What deals are worth there now, by id. */
  values(ids: readonly string[]): Promise<Map<string, number>>;
  /** Values that callers of its API have given these deals since the view was opened, in their order. */
  writes(ids: readonly string[]): Promise<readonly number[]>;
}

interface LedgerEntry {
  readonly seq: number;
  readonly effects?: readonly {
    readonly id: string;
    readonly op: string;
    /** What in the CRM did it; absent: the caller. */
    readonly cause?: string;
    readonly fields?: Readonly<Record<string, unknown>>;
  }[];
}

const PAGE = 2_000;

export async function openCrmView(crm: RunningSandboxProcess): Promise<CrmView> {
  const api = await liveApiOf(crm);
  const since = (await ledgerSince(crm, 0)).at(-1)?.seq ?? 0;
  return {
    values: async (ids) => {
      const list = ids.map((id) => `'${id}'`).join(', ');
      const soql = `select Id, Auftragswert__c from Opportunity where Id in (${list})`;
      const { records } = await callApi<{ records: { Id: string; Auftragswert__c: number }[] }>(
        api,
        { calls: 0 },
        `/services/data/v60.0/query?q=${encodeURIComponent(soql)}`,
      );
      return new Map(records.map((record) => [record.Id, record.Auftragswert__c]));
    },
    writes: async (ids) => {
      const effects = (await ledgerSince(crm, since)).flatMap((entry) => entry.effects ?? []);
      return effects
        .filter(({ id, op, cause }) => ids.includes(id) && op === 'update' && cause === undefined)
        .map(({ fields }) => Number(fields?.['Auftragswert__c']));
    },
  };
}

async function ledgerSince(crm: RunningSandboxProcess, start: number): Promise<LedgerEntry[]> {
  const all: LedgerEntry[] = [];
  for (;;) {
    const since = all.at(-1)?.seq ?? start;
    const path = `ledger?since=${String(since)}&limit=${String(PAGE)}`;
    const { entries } = await crm.control<{ entries: LedgerEntry[] }>('GET', path);
    all.push(...entries);
    if (entries.length < PAGE) return all;
  }
}

import type { LiveDeal } from './live-api.ts';

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface ReplicaDeal {
  readonly id: string;
  readonly amount: number | null;
  readonly tickets: number;
  readonly lastQbr: string;
}

/** The rows of the replica's answer by their native id, which `_ref` ends with. */
export function dealsIn(table: Table): ReplicaDeal[] {
  const at = (name: string): number => {
    const index = table.columns.indexOf(name);
    if (index < 0) throw new Error(`the answer has no column ${name}: ${table.columns.join(', ')}`);
    return index;
  };
  const [ref, amount, tickets, lastQbr] = [at('_ref'), at('amount'), at('tickets'), at('last_qbr')];
  return table.rows.map((row) => ({
    id: String(row[ref]).split('/').at(-1) ?? '',
    amount: row[amount] === null ? null : Number(row[amount]),
    tickets: Number(row[tickets]),
    lastQbr: String(row[lastQbr]),
  }));
}

/** What the two answers disagree about, in words; empty where they are the same. */
export function differences(replica: readonly ReplicaDeal[], live: readonly LiveDeal[]): string[] {
  const byId = new Map(live.map((deal) => [deal.id, deal]));
  const found: string[] = [];
  for (const deal of replica) {
    const other = byId.get(deal.id);
    byId.delete(deal.id);
    if (other === undefined) found.push(`${deal.id} is in the replica's answer only`);
    else if (other.amount !== deal.amount) found.push(`${deal.id}: amount ${deal.amount} against ${other.amount}`);
    else if (other.tickets !== deal.tickets) found.push(`${deal.id}: tickets ${deal.tickets} against ${other.tickets}`);
    else if (Date.parse(other.lastQbr) !== Date.parse(deal.lastQbr)) {
      found.push(`${deal.id}: last QBR ${deal.lastQbr} against ${other.lastQbr}`);
    }
  }
  for (const id of byId.keys()) found.push(`${id} is in the live answer only`);
  return found;
}

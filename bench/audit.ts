import { auditAppender, searchAudit, type AuditQuestion } from '../src/audit/index.ts';
import { systemRandom, type TenantId } from '../src/kernel/index.ts';
import { addTenant, migrate, type Db } from '../src/store/index.ts';
import { ACCOUNTS, auditDays, madeEntries, START } from './audit-entries.ts';
import { onBothStores } from './both-stores.ts';
import { figure, type Figure } from './figure.ts';

/** Entries of one transaction, as calls that only read are kept (`limits.auditReadsBatch`). */
const TOGETHER = 200;
const PAGE = { before: null, limit: 50 };

/**
 * A chain of so many entries over half a year, added by the appender itself, and what people ask of it. `floor`: one
 * bare select by an index with as many rows, in the same run.
 */
export function auditBench(entries: number, times: number): AsyncIterable<Figure> {
  return onBothStores((db, store) => measure(db, store, { entries, times }));
}

interface Sizes {
  readonly entries: number;
  readonly times: number;
}

async function* measure(db: Db, store: string, { entries, times }: Sizes): AsyncIterable<Figure> {
  await migrate(db);
  const tenant = await addTenant(db, { slug: 'audited', at: new Date(START) });
  const rates = await appendAll(db, tenant, entries);
  yield figure({ bench: 'audit', case: `append, ${store}`, unit: 'entries/s', samples: rates, better: 'high' });
  const floor = await sampled(times, (nth) => bareSelect(db, tenant, nth));
  for (const [name, question] of Object.entries(questions(entries))) {
    const samples = await sampled(times, async (nth) => {
      await searchAudit(db, tenant, { ...nothing, ...question(nth) }, PAGE);
    });
    yield figure({ bench: 'audit', case: `search ${name}, ${store}`, unit: 'ms', samples, floor });
  }
}

/** Entries per second of each tenth of all. */
async function appendAll(db: Db, tenant: TenantId, entries: number): Promise<number[]> {
  const append = auditAppender(systemRandom);
  const rates: number[] = [];
  const part = Math.ceil(entries / 10);
  for (let from = 0; from < entries; from += part) {
    const started = performance.now();
    const until = Math.min(entries, from + part);
    for (let at = from; at < until; at += TOGETHER) {
      const own = madeEntries(at, Math.min(TOGETHER, until - at));
      const now = new Date(START + (at / entries) * auditDays * 86_400_000);
      await db.tenantTx(tenant, (tx) => append({ now, query: (text, params) => tx.query(text, params) }, tenant, own));
    }
    rates.push((until - from) / ((performance.now() - started) / 1_000));
  }
  return rates;
}

const nothing: AuditQuestion = {
  about: null,
  agent: null,
  person: null,
  plan: null,
  connection: null,
  object: null,
  model: null,
  kinds: null,
  from: null,
  to: null,
  amountFrom: null,
  amountTo: null,
};

/** Another one each time, so that no answer is of the time before. */
function questions(entries: number): Readonly<Record<string, (nth: number) => Partial<AuditQuestion>>> {
  const account = (nth: number): number => (4471 + nth * 37) % ACCOUNTS;
  const day = (nth: number): Pick<AuditQuestion, 'from' | 'to'> => {
    const from = START + ((nth * 7) % auditDays) * 86_400_000;
    return { from: new Date(from), to: new Date(from + 86_400_000) };
  };
  return {
    account: (nth) => ({ about: String(account(nth)) }),
    'account and day': (nth) => ({ about: String(account(nth)), ...day(nth) }),
    reference: (nth) => ({ about: `crm/Account/${String(account(nth))}` }),
    'part of a name': (nth) => ({ about: `wind ${String(account(nth))} ` }),
    'part of many names': () => ({ about: 'nordwind' }),
    'no such name': (nth) => ({ about: `nobody ${String(nth)}` }),
    'agent and day': (nth) => ({ agent: 'renewals', ...day(nth) }),
    person: (nth) => ({ person: `person${String(nth % 200)}` }),
    'person and day': (nth) => ({ person: `person${String(nth % 200)}`, ...day(nth) }),
    nobody: (nth) => ({ person: `stranger${String(nth)}` }),
    day: day,
    'amount from 5,000': () => ({ amountFrom: 5_000 }),
    'amount that is rare': (nth) => ({ amountFrom: 9_999.5 - nth / 1_000 }),
    'changes of a system from 5,000': () => ({ kinds: ['write_ended'], connection: 'erp', amountFrom: 5_000 }),
    'system and day': (nth) => ({ connection: 'erp', ...day(nth) }),
    'kind that is rare': () => ({ kinds: ['plan_withdrawn'] }),
    plan: (nth) => ({ plan: `plan_${String(Math.floor((nth * entries) / 400 / 8))}` }),
    'the newest': () => ({}),
  };
}

async function bareSelect(db: Db, tenant: TenantId, nth: number): Promise<void> {
  const record = `crm/Account/${String((4471 + nth * 37) % ACCOUNTS)}`;
  await db.tenantRead(tenant, (tx) =>
    tx.query(
      'select seq, at, kind, body from audit_payload where tenant = $1 and record = $2 order by seq desc limit 51',
      [tenant, record],
    ),
  );
}

async function sampled(times: number, work: (nth: number) => Promise<void>): Promise<number[]> {
  const samples: number[] = [];
  for (let nth = 0; nth < times; nth += 1) {
    const started = performance.now();
    await work(nth);
    samples.push(performance.now() - started);
  }
  return samples;
}

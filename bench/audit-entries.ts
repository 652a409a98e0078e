import type { AuditEntry, AuditKind } from '../src/audit/index.ts';

/** Of the CRM, each with a name of its own. */
export const ACCOUNTS = 20_000;
/** What the chain is spread over. */
export const auditDays = 180;
export const START = Date.parse('2026-01-05T00:00:00Z');

const agents = ['renewals', 'renewals', 'renewals', 'support', 'support', 'billing'] as const;
const systems = [
  ['crm', 'Account'],
  ['crm', 'Account'],
  ['erp', 'Invoice'],
  ['desk', 'Ticket'],
] as const;
const names = ['Nordwind', 'Sonnenhof', 'Kranich', 'Lindenau', 'Bergmann', 'Weber', 'Fischer', 'Otto'] as const;
const kinds: readonly AuditKind[] = [
  'tool_called',
  'tool_called',
  'plan_prepared',
  'plan_committed',
  'write_attempted',
  'write_ended',
  'write_ended',
  'plan_ended',
];

/** So many from the `first` on: calls and writes of six agents for two hundred people, over three systems. */
export const madeEntries = (first: number, count: number): AuditEntry[] =>
  Array.from({ length: count }, (_, index) => madeEntry(first + index));

function madeEntry(nth: number): AuditEntry {
  // Neighbours in the chain are about different records, as they are where many work at once.
  const account = (nth * 7_919) % ACCOUNTS;
  const [connection, object] = pick(systems, nth);
  const operator = nth % 97 === 0;
  const kind = nth % 50_021 === 7 ? 'plan_withdrawn' : pick(kinds, nth);
  const amount = nth % 3 === 0 ? (nth * 1_009) % 10_000 : null;
  return {
    kind,
    actor: operator
      ? { kind: 'operator', name: `operator${String(nth % 5)}` }
      : { kind: 'agent', agent: pick(agents, nth), principal: `person${String((nth * 13) % 200)}` },
    subject: {
      plan: `plan_${String(Math.floor(nth / 8))}`,
      connection,
      object,
      record: `${connection}/${object}/${String(account)}`,
      label: `${pick(names, account)} ${String(account)} GmbH & Co. KG`,
    },
    reason: 'The customer has signed for another year.',
    amount,
    detail: {
      operation: 'update',
      attempt: 1,
      outcome: { kind: 'applied', recordId: String(account), created: false, existed: true },
      changes: [
        { field: 'stage', label: 'Stage', before: 'open', after: 'won' },
        { field: 'amount', label: 'Amount', before: amount, after: amount === null ? null : amount + 10 },
      ],
    },
  };
}

function pick<Item>(items: readonly Item[], nth: number): Item {
  const item = items[nth % items.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

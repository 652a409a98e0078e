import type { TestRow } from '../../test/query/world.ts';

/** Stands in every text of a hidden row. */
export const CANARY = 'ZQCANARY';
/** Stands in numbers of hidden rows. */
export const CANARY_NUMBER = 91_827_364;

/** In another class than the user's, or in none that anybody knows. */
const hidden = [2, null];

/**
 * Rows that nobody of the suite may see: canaries, and values that make
 * expressions fail which visible values do not: zeros, huge and negative
 * numbers, years far off, texts that are no numbers.
 */
export const hiddenRows: Readonly<Record<string, readonly TestRow[]>> = {
  'crm.User': hidden.map((acl, at) => ({
    _id: `zu${String(at)}`,
    _acl: acl,
    user_id: `zu${String(at)}`,
    name: `${CANARY} user`,
    email: `${CANARY}@example.com`,
  })),
  'crm.Account': hidden.map((acl, at) => ({
    _id: `za${String(at)}`,
    _acl: acl,
    crm_id: `za${String(at)}`,
    name: `${CANARY} account`,
    segment: 'small',
    employees: at === 0 ? 0 : CANARY_NUMBER,
    revenue: at === 0 ? 0 : CANARY_NUMBER,
    active: false,
    since: at === 0 ? '0001-01-01' : '9999-12-31',
    notes: `${CANARY} ${'('.repeat(30)}`,
    iban: CANARY,
    domain: 'nordwind.example',
    owner: at === 0 ? 'zu0' : 'u1',
  })),
  'crm.Opportunity': hidden.map((acl, at) => ({
    _id: `zd${String(at)}`,
    _acl: acl,
    deal_id: `zd${String(at)}`,
    name: `${CANARY} deal`,
    stage: 'lost',
    amount: at === 0 ? 0 : CANARY_NUMBER,
    fees: 0,
    probability: at === 0 ? -1e300 : 0,
    close_date: at === 0 ? '0001-01-01' : '9999-12-31',
    created: '9999-12-31T23:59:59.999Z',
    call_at: '00:00:00',
    tags: at === 0 ? [] : ['upsell'],
    old_stage: CANARY,
    account: at === 0 ? 'za0' : 'a1',
    site: 'nordwind.example',
  })),
  'support.tickets': hidden.map((acl, at) => ({
    _id: `9${String(at)}`,
    _acl: acl,
    ticket_id: `9${String(at)}`,
    subject: `${CANARY} ticket`,
    priority: 'normal',
    hours: at === 0 ? -1e308 : 0,
    opened: '9999-12-31T23:59:59.999Z',
    account: at === 0 ? 'a1' : 'za1',
  })),
};

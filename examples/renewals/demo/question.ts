/**
 * The question of the demo, in words and as the one call that answers it.
 * `account.tickets` lives in the help desk, everything else in the CRM.
 */
export const question =
  'Renewal pipeline for accounts with more than ten tickets and the last QBR more than ninety days ago';

export const OPEN_STAGES = ['qualification', 'discovery', 'proposal', 'negotiation'] as const;

export const questionArguments = {
  object: 'deal',
  filter: {
    and: [
      { field: 'kind', op: 'eq', value: 'renewal' },
      { field: 'stage', op: 'in', value: OPEN_STAGES },
      { field: { count: 'account.tickets' }, op: 'gt', value: 10 },
      {
        field: { max: 'account.meetings.held_at', where: { field: 'kind', op: 'eq', value: 'qbr' } },
        op: 'lt',
        value: { ago: '90d' },
      },
    ],
  },
  fields: [
    'name',
    'account.name',
    'stage',
    'amount',
    'close_date',
    { count: 'account.tickets', as: 'tickets' },
    { max: 'account.meetings.held_at', where: { field: 'kind', op: 'eq', value: 'qbr' }, as: 'last_qbr' },
  ],
  sort: [{ field: 'amount', dir: 'desc' }],
  limit: 200,
} as const;

import type { Property } from './canaries.ts';

/** Each tool, asked for what belongs to the victim by every name that it has. */
export function toolCalls(
  victim: Property,
): readonly (readonly [tool: string, args: Readonly<Record<string, unknown>>])[] {
  const { account, ticket, canary, cursor, side, principal } = victim;
  const native = side === 'acme' ? 'crm.Account' : 'erp.res.partner';
  const refs = [account, ticket, account.split('/').at(-1) ?? '', `${side}/${account}`, `../${side}/${account}`];
  const relations = [
    `${side}.account`,
    `${side}.main.account`,
    native,
    `"${side}"."account"`,
    '_gantry.meta',
    'record',
    'change',
    `model.account`,
    `${side}."${native}"`,
  ];
  return [
    ...refs.flatMap((id) => [
      ['get_record', { object: 'account', id }] as const,
      ['get_record', { object: 'account', id, history: 10 }] as const,
      ['get_record', { object: 'ticket', id }] as const,
      ['get_record', { object: native, id }] as const,
    ]),
    ...['account', 'ticket', 'deal', 'contact', 'user', 'meeting', native].flatMap((object) => [
      ['query_records', { object, limit: 200 }] as const,
      ['query_records', { object, text: canary }] as const,
      ['query_records', { object, changed_since: { ago: '1d' }, limit: 200 }] as const,
      ['describe', { names: [object], detail: 'full' }] as const,
    ]),
    ['query_records', { object: 'account', fields: ['name'], limit: 1, cursor }],
    ['query_records', { object: 'account', filter: { name: { starts_with: canary } } }],
    ['query_records', { object: 'account', tenant: side }],
    ...relations.map((name) => ['query_sql', { sql: `select * from ${name}` }] as const),
    ['query_sql', { sql: 'select max(name), min(name) from account' }],
    ['query_sql', { sql: 'select string_agg(subject, chr(10)) from ticket' }],
    ['query_sql', { sql: `select count(*) from account where name like '${canary}%' having count(*) > 0` }],
    ['search_catalog', { query: canary }],
    ['search_catalog', { query: principal }],
    ['search_catalog', { query: native }],
    ['list_connections', {}],
    ['list_connections', { tenant: side }],
    ['get_status', { id: victim.subscription }],
    ['undo', { id: '1' }],
  ];
}

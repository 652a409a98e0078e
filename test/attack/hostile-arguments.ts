import { describe, expect, it } from 'vitest';
import type { AttackStage, Who } from './stage.ts';

const OWNER: Who = 'acme/renewals-copilot';
const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + '1' + close.repeat(depth);

/** The tool, the body as it goes over the wire, and what must come of it: a code, or null for an answer. */
type Case = readonly [what: string, tool: string, body: string, code: string | null];

const sql = (what: string, text: string, code: string | null): Case => [
  what,
  'query_sql',
  JSON.stringify({ sql: text }),
  code,
];
const records = (what: string, rest: string, code: string | null): Case => [
  what,
  'query_records',
  `{"object":"deal",${rest}}`,
  code,
];

const steps = (count: number, select: (before: string) => string): string => {
  const ctes = Array.from({ length: count }, (_, at) => `s${at} as (${select(at === 0 ? 'deal' : `s${at - 1}`)})`);
  return `with ${ctes.join(', ')} select count(*) from s${count - 1}`;
};

const cases: readonly Case[] = [
  // Bodies.
  ['10 MB of it', 'query_sql', JSON.stringify({ sql: `select '${'x'.repeat(10_000_000)}'` }), 'body_too_large'],
  ['the longest body there is', 'query_sql', JSON.stringify({ sql: 'x'.repeat(250_000) }), 'bad_request'],
  records('a filter nested as deep as a body can be', `"filter":${nested(40_000, '{"a":', '}')}`, 'query_too_large'),
  records('lists nested as deep as a body can be', `"fields":[${nested(100_000, '[', ']')}]`, 'query_too_large'),
  records('a filter of a list of lists', `"filter":{"and":${nested(30, '[', ']')}}`, 'query_shape_invalid'),
  records('the prototype', '"filter":{"__proto__":{"name":"x"}}', 'bad_request'),
  records('the prototype of a prototype', '"filter":{"and":[{"constructor":{"prototype":1}}]}', 'query_op_invalid'),
  ['an object named like one of JavaScript’s', 'query_records', '{"object":"__proto__"}', 'query_object_unknown'],
  ['a tool named like one of JavaScript’s', '__proto__', '{}', 'tool_unknown'],
  ['a name of 200 characters', 'query_records', `{"object":"${'x'.repeat(200)}"}`, 'query_object_unknown'],
  records(
    'a column named like the prototype',
    '"fields":[{"count":"account","as":"__proto__"}]',
    'query_field_unknown',
  ),
  records('a measure named like the prototype', '"measures":[{"count":"*","as":"__proto__"}],"format":"objects"', null),
  // Values.
  records('a number beyond numbers', '"filter":{"amount":{"gt":1e400}}', 'query_value_invalid'),
  records('the largest number', '"filter":{"amount":{"gt":1.7e308}}', null),
  records('a number that is no exact one', '"filter":{"probability":12345678901234567890}', null),
  records('a moment of nobody’s calendar', '"changed_since":"0000-00-00T00:00:00Z"', 'query_value_invalid'),
  records('the last moment', '"changed_since":"9999-12-31T23:59:59Z"', 'query_value_invalid'),
  records('a span longer than time', '"changed_since":{"ago":"9999999999d"}', 'query_value_invalid'),
  records('a page of nothing', '"limit":0', 'bad_request'),
  records('a page of everything', '"limit":1e9', 'bad_request'),
  records('half a character', '"filter":{"name":"\\ud800"}', 'query_value_invalid'),
  records('a NUL', '"filter":{"name":{"contains":"a\\u0000b"}}', 'query_value_invalid'),
  records(
    'a thousand values',
    `"filter":{"name":[${Array.from({ length: 1_000 }, (_, at) => `"n${at}"`).join()}]}`,
    null,
  ),
  records(
    'more values',
    `"filter":{"name":[${Array.from({ length: 1_001 }, (_, at) => `"n${at}"`).join()}]}`,
    'query_too_large',
  ),
  // Moments to wait for.
  records('data of the future', '"min_as_of":"2999-01-01T00:00:00Z"', 'query_value_invalid'),
  records('data of no moment', '"min_as_of":"now()"', 'query_value_invalid'),
  records('data of an endless moment', '"min_as_of":"+275760-09-13T00:00:00Z"', 'query_value_invalid'),
  // Currencies.
  records(
    'a currency that is SQL',
    `"measures":[{"sum":"contract_value","in":"EUR' or 1=1 --"}]`,
    'query_value_not_allowed',
  ),
  records(
    'a currency of the prototype',
    '"measures":[{"sum":"contract_value","in":"__proto__"}]',
    'query_value_not_allowed',
  ),
  records('a day that is none', '"measures":[{"sum":"contract_value","in":"USD","on":"name"}]', 'query_op_invalid'),
  records('what is no money', '"measures":[{"sum":"probability","in":"USD"}]', 'query_op_invalid'),
  records(
    'one conversion sixty times',
    `"fields":[${Array.from({ length: 60 }, (_, at) => `{"convert":"contract_value","in":"USD","as":"c${at}"}`).join()}]`,
    null,
  ),
  // Cursors.
  records('a cursor of another question', '"cursor":"0123456789~mwq4uo8h~.1"', 'cursor_invalid'),
  records('a cursor of nothing', '"cursor":"~~~~~~~"', 'cursor_invalid'),
  records('a long cursor', `"cursor":"${'~.x'.repeat(6_000)}"`, 'cursor_invalid'),
  // Links and references.
  ['a reference that is SQL', 'get_record', `{"object":"deal","id":"' or '1'='1"}`, 'not_found'],
  [
    'a reference into the engine',
    'get_record',
    '{"object":"deal","id":"crm/Opportunity/../../../etc/passwd"}',
    'not_found',
  ],
  // Statements.
  sql(
    'columns that double',
    steps(40, (before) => `select *, * from ${before}`),
    'query_too_large',
  ),
  sql(
    'columns that double by name',
    steps(40, (before) => `select x.*, x.* from ${before} x`),
    'query_too_large',
  ),
  sql(
    'columns that double by joining',
    steps(40, (before) => `select * from ${before} a, ${before} b`),
    'query_too_large',
  ),
  sql(
    'stars side by side',
    `select ${Array.from({ length: 1_500 }, () => '*').join()} from crm."Account"`,
    'query_too_large',
  ),
  sql(
    'a table a thousand times',
    `select 1 from ${Array.from({ length: 900 }, () => 'crm."Account"').join()}`,
    'query_too_large',
  ),
  sql(
    'a thousand conditions on what is not there',
    `select 1 from ${Array.from({ length: 40 }, (_, at) => `crm."Account" a${at}`).join()} where ${Array.from({ length: 900 }, () => "statsuss = 'x'").join(' and ')}`,
    'sql_column_unknown',
  ),
  sql(
    'a pattern of many ways',
    "select count(*) from ticket where regexp_matches(description, '(x+x+)+y|(a|aa|aaa)*z')",
    null,
  ),
  sql(
    'a pattern that grows',
    "select count(*) from ticket where regexp_matches(subject, '((a{900}){900}){900}')",
    'sql_failed',
  ),
  sql('texts of millions', "select repeat('x', 2000000000)", 'sql_function_refused'),
  sql(
    'recursion',
    'with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r',
    'sql_refused',
  ),
  sql('two statements', 'select 1 from deal; select 1 from deal', 'sql_refused'),
  sql('a comment that hides a statement', "/* select 1 */ attach ':memory:' as x -- from deal", 'sql_refused'),
];

/** What nobody would send who wants an answer: each is told what is wrong, and nobody else notices. */
export function hostileArguments(stage: () => AttackStage): void {
  describe('hostile arguments', () => {
    it.each(cases)('%s', async (_what, tool, body, code) => {
      const response = await stage().send(OWNER, 'POST', `/v1/tools/${tool}`, body);
      const answer = (await response.json()) as { readonly code?: string; readonly message?: string };
      expect([answer.code ?? null, response.status < 500]).toEqual([code, true]);
      expect(JSON.stringify(answer).length).toBeLessThan(100_000);
      // The engine's own words and our places on disk are for nobody.
      expect(answer.message ?? '').not.toMatch(
        /duckdb|binder error|catalog error|\/tmp\/|node_modules| at .*:\d+:\d+/i,
      );
    });

    it('left the service as it was', async () => {
      for (const who of [OWNER, 'acme/thief', 'globex/renewals-copilot'] as const) {
        const [row] = await stage().rows(who, 'query_records', { object: 'account', measures: [{ count: '*' }] });
        expect(Number(row?.[0])).toBeGreaterThan(10);
        const [same] = await stage().rows(who, 'query_sql', { sql: 'select count(*) from account' });
        expect(Number(same?.[0])).toBe(Number(row?.[0]));
      }
    });

    it('that run until they are stopped hold up neither colleagues nor other customers', async () => {
      const four = 'ticket a, ticket b, ticket c, ticket d';
      const endless = `select count(*) from ${four} where a.subject || b.subject || c.subject || d.subject = ''`;
      let over = false;
      const attacks = Array.from({ length: 4 }, async () => {
        const codes = [];
        do codes.push((await stage().call(OWNER, 'query_sql', { sql: endless })).content['code']);
        while (!over);
        return codes;
      });
      // Whoever had to wait for the attack would be told that it took too long.
      try {
        for (const who of ['acme/thief', 'globex/renewals-copilot', 'globex/thief'] as const) {
          expect(await stage().rows(who, 'query_sql', { sql: 'select count(*) from ticket' })).toHaveLength(1);
          expect(await stage().rows(who, 'query_records', { object: 'ticket', limit: 1 })).toHaveLength(1);
        }
      } finally {
        over = true;
      }
      expect(new Set((await Promise.all(attacks)).flat())).toEqual(new Set(['sql_timeout']));
    });
  });
}

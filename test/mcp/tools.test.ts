import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import type { VisibleObject } from '../../src/access/index.ts';
import type { Filter } from '../../src/filter/index.ts';
import type { Clock, Json, JsonObject } from '../../src/kernel/index.ts';
import { cleanJson, cleanText, renderText, toolNames } from '../../src/mcp/index.ts';
import { callerContext, hostileText, hostileTextCleaned, seen, testDoor } from './fixture.ts';

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });

describe('the table of tools', () => {
  const { all } = testDoor().door;

  it('holds each name once, in the fixed order', () => {
    expect(all.map((tool) => tool.name)).toEqual([...toolNames]);
  });

  it.each(all.map((tool) => [tool.name, tool] as const))(
    '%s has valid JSON Schemas and a short text',
    (_name, tool) => {
      expect(ajv.validateSchema(tool.inputSchema)).toBe(true);
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      ajv.compile(tool.inputSchema);
      if (tool.outputSchema !== null) ajv.compile(tool.outputSchema);
      expect(tool.description.length).toBeLessThan(700);
    },
  );

  it('fits the budget, which leaves room for two saved queries', () => {
    const wire = all.map(({ outputSchema, ...tool }) => (outputSchema === null ? tool : { ...tool, outputSchema }));
    expect(countTokens(JSON.stringify({ tools: wire }))).toBeLessThanOrEqual(2_260);
  });

  it('shows examples that its own schema and checks accept', async () => {
    const tool = all.find((one) => one.name === 'query_records');
    const examples = (tool?.description ?? '').match(/\{"object".*?\}(?=\.( |$))/g) ?? [];
    expect(examples.length).toBe(2);
    for (const example of examples) {
      const args = JSON.parse(example) as JsonObject;
      expect(ajv.compile(tool?.inputSchema ?? false)(args)).toBe(true);
      expect((await testDoor().door.call(callerContext(), 'query_records', args)).kind).toBe('answer');
    }
  });
});

/** The error that a fully granted caller gets, or null. */
const call = async (name: string, args: Json) => {
  const outcome = await testDoor().door.call(callerContext(), name, args);
  return outcome.kind === 'error' ? outcome.error : null;
};

describe('arguments', () => {
  it.each<[string, Json, string]>([
    ['query_records', { object: 'deal', limit: 0 }, 'limit'],
    ['query_records', { object: 'deal', limit: '5' }, 'limit'],
    ['query_records', { object: 'deal', filter: 'stage = open' }, 'filter'],
    ['query_records', { object: 'deal', sort: [{ field: 'a', dri: 'asc' }] }, 'sort[0].dri'],
    ['query_records', {}, 'object'],
    ['query_records', { object: 'deal', format: 'csv' }, 'format'],
    ['query_records', [], 'arguments'],
    ['query_records', { object: 'deal', __proto__x: 1 }, '__proto__x'],
    ['describe', { names: [] }, 'names'],
    ['describe', { names: ['a', 'b', 'c', 'd', 'e', 'f'] }, 'names'],
    ['query_sql', { sql: 'x'.repeat(20_001) }, 'sql'],
    ['list_connections', { sytem: 'salesforce' }, 'sytem'],
  ])('%s refuses %j', async (name, args, where) => {
    expect(await call(name, args)).toMatchObject({ code: 'bad_request', where });
  });

  it.each<[string, string]>([
    ['{"object":"deal","filter":{"__proto__":{"stage":"won"}}}', 'filter.__proto__'],
    ['{"object":"deal","filter":{"stage":"won","__proto__":1}}', 'filter.__proto__'],
    ['{"object":"deal","having":{"__proto__":1}}', 'having.__proto__'],
    ['{"object":"deal","measures":[{"count":"*"},{"count":"*","__proto__":1}]}', 'measures[1].__proto__'],
    ['{"object":"deal","sort":[{"field":"name","__proto__":1}]}', 'sort[0].__proto__'],
    ['{"object":"deal","__proto__":{"limit":1}}', '__proto__'],
  ])('%s is refused instead of losing a part', async (text, where) => {
    expect(await call('query_records', JSON.parse(text) as Json)).toMatchObject({ code: 'bad_request', where });
  });

  it('agree with the published schema: what one accepts the other accepts', async () => {
    const validators = new Map(testDoor().door.all.map((tool) => [tool.name, ajv.compile(tool.inputSchema)]));
    const value = fc.oneof(
      fc.string(),
      fc.integer({ min: -2, max: 300 }),
      fc.constantFrom('deal', 'table', null, true),
    );
    const args = fc.dictionary(
      fc.constantFrom('object', 'id', 'fields', 'limit', 'format', 'sql', 'query', 'names', 'detail', 'extra', 'kind'),
      fc.oneof(value, fc.array(value, { maxLength: 3 })),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...toolNames), args, async (name, candidate) => {
        const error = await call(name, candidate);
        expect(error?.code !== 'bad_request').toBe(validators.get(name)?.(candidate));
      }),
      { numRuns: 400 },
    );
  });
});

describe('text from outside', () => {
  it('keeps what people see and loses what they do not', () => {
    expect(cleanText(hostileText)).toBe(hostileTextCleaned);
    expect(cleanText('Zürich – 東京 naïve ✅')).toBe('Zürich – 東京 naïve ✅');
    expect(cleanText('a\r\nb\rc\td')).toBe('a\nb\nc\td');
    expect(cleanText('\uD800x')).toBe('\uFFFDx');
  });

  it('never lets an invisible character out, wherever it is in the data', () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    const data = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof({ maxDepth: 4 }, text, fc.integer(), fc.array(tie('node')), fc.dictionary(text, tie('node'))),
    })).node;
    fc.assert(
      fc.property(data, (value) => {
        const out = JSON.stringify(cleanJson(value));
        expect(out).not.toMatch(/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u007F-\u009F]|\\u00[01]/u);
        expect(cleanJson(JSON.parse(out))).toEqual(JSON.parse(out));
      }),
    );
  });

  it('keeps a key named __proto__ as data', () => {
    const cleaned = cleanJson(JSON.parse('{"__proto__":{"admin":true}}')) as JsonObject;
    expect(Object.keys(cleaned)).toEqual(['__proto__']);
    expect((cleaned as { admin?: unknown }).admin).toBeUndefined();
  });
});

const table = (rows: Json[][], columns: string[], sources: Json = []): JsonObject => ({ columns, rows, sources });

describe('an answer as text', () => {
  it('holds every cell of every table, line by line', () => {
    const scalar = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('', '"', 'a\tb'),
    );
    const rows = fc.array(fc.tuple(scalar, scalar), { maxLength: 6 });
    fc.assert(
      fc.property(rows, (values) => {
        const lines = renderText(table(values, ['a', 'b']))
          .split('\n')
          .slice(1, values.length + 1);
        const read = lines.map((line) => line.split('\t').map(readCell));
        expect(read).toEqual(values.map((row) => row.map((value) => (value === null ? null : String(value)))));
      }),
    );
  });

  it('says the reference prefix once, and only where every row has it', () => {
    const sources = [{ ref: 'crm/Deal/' }];
    expect(renderText(table([['crm/Deal/1']], ['_ref'], sources))).toMatch(/^_ref\(crm\/Deal\/\.\.\.\)\n1\n/);
    expect(renderText(table([['crm/Deal/1'], ['desk/Deal/1']], ['_ref'], sources))).toMatch(
      /^_ref\ncrm\/Deal\/1\ndesk\/Deal\/1\n/,
    );
  });

  it('is JSON for everything that is no table', () => {
    const answer = { connections: [{ a: 1 }] };
    expect(JSON.parse(renderText(answer))).toEqual(answer);
  });
});

/** The rule of the rendering, read backwards. */
function readCell(cell: string): string | null {
  if (cell === '') return null;
  return cell.startsWith('"') ? (JSON.parse(cell) as string) : cell;
}

describe('query_records', () => {
  it('gives one object per row when asked, columns still naming the order', async () => {
    const outcome = await testDoor().door.call(callerContext(), 'query_records', { object: 'deal', format: 'objects' });
    expect(outcome).toMatchObject({
      kind: 'answer',
      answer: { columns: ['name', 'amount', 'note', '_ref'], rows: [{ name: 'Alpha', amount: 1200.5 }, {}] },
    });
  });
});

type Seen = { readonly object: string; readonly records: number | null; readonly expected: number | null };

describe('list_connections', () => {
  const rowFilter: Filter = {
    kind: 'compare',
    operand: { kind: 'path', path: 'owner' },
    op: 'eq',
    value: { kind: 'literal', value: 'me' },
  };
  it.each<[string, VisibleObject[], Seen[][]]>([
    ['what is granted', [seen('Opportunity')], [[{ object: 'Opportunity', records: 2, expected: 2 }]]],
    [
      'no count of records that are partly hidden',
      [seen('Opportunity'), seen('Salary__c', rowFilter)],
      [
        [
          { object: 'Opportunity', records: 2, expected: 2 },
          { object: 'Salary__c', records: null, expected: null },
        ],
      ],
    ],
    ['no connection of which nothing is visible', [], []],
  ])('shows %s', async (_case, objects, shown) => {
    const outcome = await testDoor().door.call(callerContext({ objects }), 'list_connections', {});
    const answer = outcome.kind === 'answer' ? outcome.answer : null;
    const connections = answer?.['connections'] as { objects: Seen[] }[];
    expect(
      connections.map((one) => one.objects.map(({ object, records, expected }) => ({ object, records, expected }))),
    ).toEqual(shown);
    // What models make of the records would name fields that the caller may not know.
    expect(JSON.stringify(connections)).not.toContain('deal.bonus');
  });
});

describe('the rate of calls', () => {
  it('allows a burst of a minute, then the average, and names the moment that works', async () => {
    let nowMs = 5_000_000;
    const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs, sleep: async () => {} };
    const { door, query } = testDoor(clock);
    const ask = () => door.call(callerContext({ callsPerMinute: 6 }), 'query_records', { object: 'deal' });
    for (let count = 0; count < 6; count += 1) expect((await ask()).kind).toBe('answer');
    const refused = await ask();
    expect(refused).toMatchObject({ kind: 'error', status: 429, error: { code: 'rate_limited' } });
    const retryAt = Date.parse((refused.kind === 'error' && refused.error.retry_at) || '');
    nowMs = retryAt - 1;
    expect((await ask()).kind).toBe('error');
    nowMs = retryAt;
    expect((await ask()).kind).toBe('answer');
    expect((await ask()).kind).toBe('error');
    expect(query.asked.length).toBe(7);
  });

  it('counts agents apart', async () => {
    const { door } = testDoor();
    const ask = (agent: string) => door.call(callerContext({ agent, callsPerMinute: 1 }), 'describe', { names: ['a'] });
    expect((await ask('one')).kind).toBe('answer');
    expect((await ask('one')).kind).toBe('error');
    expect((await ask('two')).kind).toBe('answer');
  });
});

import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits, systemClock, systemRandom, type Json } from '../../src/kernel/index.ts';
import { createToolDoor, toolNames, type CallerContext, type ToolDoor } from '../../src/mcp/index.ts';
import type { SavedQuery, SavedQueryParam } from '../../src/query/index.ts';
import { smallData } from '../query/small-data.ts';
import { openWorld, type GrantSpec, type QueryWorld } from '../query/world.ts';

const at = { file: 'policies/questions.yaml', line: 1, column: 1 };
type ParamSpec = Partial<SavedQueryParam> & Pick<SavedQueryParam, 'type'>;

function saved(name: string, params: { readonly [name: string]: ParamSpec }, query: SavedQuery['query']): SavedQuery {
  const declared = Object.entries(params).map(
    ([key, param]) => [key, { name: key, values: null, default: null, why: null, ...param }] as const,
  );
  return {
    name,
    title: `Accounts\u200B of ${name}`,
    why: 'Who buys what, for the weekly call. Ask it per segment.',
    params: new Map(declared),
    query,
    at,
  };
}

const bySegment = saved(
  'accounts_by_segment',
  {
    segment: { type: 'enum', values: ['enterprise', 'mid', 'small'], why: 'Size of the company' },
    at_least: { type: 'integer', default: 0 },
  },
  {
    object: 'account',
    fields: ['crm_id', 'employees'],
    filter: {
      and: [{ field: 'segment', op: 'eq', value: { param: 'segment' } }, { employees: { gte: { param: 'at_least' } } }],
    },
    sort: [{ field: 'crm_id' }],
    limit: 1,
  },
);
const closing = saved(
  'closing',
  { day: { type: 'date' }, name: { type: 'string' }, open: { type: 'boolean', default: true } },
  {
    object: 'deal',
    fields: ['deal_id'],
    filter: { close_date: { lt: { param: 'day' } }, name: { contains: { param: 'name' } } },
  },
);

let world: QueryWorld;
let door: ToolDoor;
beforeAll(async () => {
  const account = smallData['crm.Account']?.[1];
  const more = { ...account, _id: 'a9', crm_id: 'a9', employees: 7 };
  world = await openWorld({ ...smallData, 'crm.Account': [...(smallData['crm.Account'] ?? []), more] });
  door = createToolDoor({
    services: { query: world.service, connections: async () => [] },
    clock: systemClock,
    random: systemRandom,
  });
});
afterAll(() => world.close());

function context(
  names: readonly string[],
  grant: GrantSpec,
  declared: readonly SavedQuery[] = [bySegment, closing],
): CallerContext {
  const savedQueries = new Map(declared.map((query) => [query.name, query]));
  const policies = { savedQueries, rates: null, history: { keepDays: 90 } };
  return { caller: world.caller(grant, { savedQueries: names }), scope: { ...world.catalogue, policies } };
}

const call = async (
  args: Json,
  to = context(['accounts_by_segment'], { account: {} }),
  name = 'accounts_by_segment',
) => {
  const outcome = await door.call(to, name, args);
  return outcome.kind === 'answer' ? outcome.answer : { error: outcome.error };
};

describe('a saved query', () => {
  it('is a tool of its own for agents that have it, and for nobody else', async () => {
    const [tool, ...others] = door.list(context(['accounts_by_segment'], { account: {}, deal: {} }));
    expect(others).toEqual([]);
    expect(tool).toMatchObject({
      name: 'accounts_by_segment',
      title: 'Accounts of accounts_by_segment',
      description: bySegment.why,
      annotations: { readOnlyHint: true, destructiveHint: false },
      inputSchema: {
        type: 'object',
        additionalProperties: false,
        required: ['segment'],
        properties: {
          segment: { enum: ['enterprise', 'mid', 'small'], description: 'Size of the company' },
          at_least: { type: 'integer' },
        },
      },
    });
    expect(new Ajv2020({ strict: false }).validateSchema(tool?.inputSchema ?? {})).toBe(true);
    expect(door.list(context([], { account: {} }))).toEqual([]);
    expect(await call({ segment: 'mid' }, context(['closing'], { account: {} }))).toMatchObject({
      error: { code: 'tool_unknown' },
    });
    // Its object is not there for this caller.
    expect(door.list(context(['accounts_by_segment'], { deal: {} }))).toEqual([]);
    expect(await call({ segment: 'mid' }, context(['accounts_by_segment'], { deal: {} }))).toMatchObject({
      error: { code: 'tool_unknown' },
    });
  });

  it('answers with the values put in, page by page, without the right to ask anything else', async () => {
    const first = await call({ segment: 'mid' });
    expect(first).toMatchObject({ columns: ['crm_id', 'employees', '_ref'], rows: [['a2', 80, 'crm/Account/a2']] });
    const next = await call({ segment: 'mid', cursor: ('next_cursor' in first ? first['next_cursor'] : null) ?? '' });
    expect(next).toMatchObject({ rows: [['a9', 7, 'crm/Account/a9']] });
    expect(await call({ segment: 'mid', at_least: 81 })).toMatchObject({ rows: [] });
    expect(await call({ object: 'account' }, undefined, 'query_records')).toMatchObject({
      error: { code: 'tool_unknown' },
    });
  });

  it('gives no more than the grant', async () => {
    const limited = context(['accounts_by_segment'], { account: { where: { employees: { lt: 50 } } } });
    expect(await call({ segment: 'mid' }, limited)).toMatchObject({ rows: [['a9', 7, 'crm/Account/a9']] });
    const blind = context(['accounts_by_segment'], { account: { fields: ['crm_id'] } });
    expect(await call({ segment: 'mid' }, blind)).toMatchObject({ error: { code: 'query_field_unknown' } });
  });

  it.each<[Json, string, object]>([
    [{}, 'accounts_by_segment', { where: 'segment' }],
    [{ segment: 'large' }, 'accounts_by_segment', { where: 'segment', allowed: ['enterprise', 'mid', 'small'] }],
    [{ segment: 'mid', at_least: 1.5 }, 'accounts_by_segment', { where: 'at_least' }],
    [{ segment: 'mid', filter: {} }, 'accounts_by_segment', { where: 'filter' }],
    [{ segment: { param: 'segment' } }, 'accounts_by_segment', { where: 'segment' }],
    [{ day: '2026-02-30', name: 'x' }, 'closing', { where: 'day' }],
    [{ day: '2026-03-01', name: '' }, 'closing', { where: 'name' }],
    [{ day: '2026-03-01', name: 'x', open: 'yes' }, 'closing', { where: 'open' }],
  ])('says which argument is wrong: %j', async (args, name, body) => {
    const answer = await call(args, context([name], { account: {}, deal: {} }), name);
    expect(answer).toMatchObject({ error: { code: 'bad_request', ...body } });
  });

  it('takes texts as values, whatever is in them', async () => {
    const to = context(['closing'], { deal: {} });
    const text = 'Renewal"}, {"param": "day"} or true --';
    expect(await call({ day: '2027-01-01', name: text }, to, 'closing')).toMatchObject({ rows: [] });
    expect(await call({ day: '2027-01-01', name: 'renewal' }, to, 'closing')).toMatchObject({
      rows: [['d1', 'crm/Opportunity/d1']],
    });
  });

  it('never takes the name of a tool that there is', async () => {
    const impostor = saved('query_records', {}, { object: 'account' });
    const to = context(['query_records'], { account: {} }, [impostor]);
    expect(door.list(to)).toEqual([]);
  });
});

describe('the list of tools', () => {
  it('has eight saved queries at most, and stays within its budget with them', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ ...bySegment, name: `accounts_by_segment_${index}` }));
    const names = many.map(({ name }) => name);
    const to = context(names, { account: {} }, many);
    const all = { ...to, caller: { ...to.caller, tools: new Set(toolNames) } };
    const tools = door.list(all);
    expect(tools.map(({ name }) => name)).toEqual([...toolNames, ...names.slice(0, limits.savedQueriesMax)]);
    const wire = tools.map(({ outputSchema, ...tool }) => (outputSchema === null ? tool : { ...tool, outputSchema }));
    const tokens = (list: readonly object[]): number => countTokens(JSON.stringify({ tools: list }));
    // Agents that have all of them and write besides are few.
    const writing = ['prepare_write', 'commit_write', 'run_operation', 'get_status', 'undo'];
    expect(tokens(wire.filter(({ name }) => !writing.includes(name)))).toBeLessThanOrEqual(2_500);
    expect(tokens(wire)).toBeLessThanOrEqual(3_250);
    // The same objects each time: clients' copies are made once.
    door.list(all).forEach((tool, index) => expect(tool).toBe(tools[index]));
  });
});

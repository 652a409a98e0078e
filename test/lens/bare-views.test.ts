import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, type Json, type StreamId, type TenantId } from '../../src/kernel/index.ts';
import type { SessionRelation } from '../../src/lens/index.ts';
import { createAgentSessions, type AgentSessions } from '../../src/lens/host/agent-sessions.ts';
import { select } from '../../src/lens/host/select.ts';

const ROWS = 20_000;
const stream = 1 as StreamId;
const relation = (name: string, shown: string): SessionRelation => ({
  name,
  select: `select name from crm."Deal" where ${shown}`,
  params: [],
  as: 'table',
  classed: [{ stream, relation: 'crm."Deal"', shown }],
});
const shown = `case when _acl between 0 and 3 then get_bit('0111'::bit, _acl) = 1 else false end`;
// Fails where a view hides a record: DuckDB works it out before it asks whether the record is shown.
const telling = `select count(*) from deal where regexp_replace('x', case when name = 'hidden' then '(' else 'x' end, '') = ''`;

describe('a caller who sees every class that there is', () => {
  let duck: DuckDBInstance;
  let writer: DuckDBConnection;
  let sessions: AgentSessions;
  const data = { seq: 1, changedAt: new Map<StreamId, number>(), dataVersion: 0, committing: false };

  beforeAll(async () => {
    duck = await DuckDBInstance.create(':memory:');
    writer = await duck.connect();
    await writer.run('create schema crm');
    await writer.run(
      `create table crm."Deal" as select 'deal ' || x as name, 1 + (x % 3)::integer as _acl from range(${ROWS}) t(x)`,
    );
    sessions = createAgentSessions(duck);
  });
  afterAll(() => {
    sessions.close();
    writer.closeSync();
    duck.closeSync();
  });

  /** As the host commits: what is new is noted when the commit is over, or when the host comes to it. */
  async function commit(
    sql: string,
    changed: StreamId = stream,
    { ready, over }: { ready?: () => Promise<void>; over?: () => Promise<void> } = {},
  ): Promise<void> {
    await writer.run('begin');
    await writer.run(sql);
    await ready?.();
    data.committing = true;
    await writer.run('commit');
    await over?.();
    data.seq += 1;
    data.changedAt.set(changed, data.seq);
    data.dataVersion += 1;
    data.committing = false;
  }
  const hidden = `insert into crm."Deal" values ('hidden', 4)`;
  const unhide = () => commit(`delete from crm."Deal" where name = 'hidden'`);

  async function ask(session = 'all', relations = [relation('deal', shown)], sql = telling) {
    const call = { tenant: 1 as TenantId, sql, params: [] as Json[], timeoutMs: 30_000, rowsMax: 10, session };
    const answer = await sessions.run(
      { ...call, relations, streams: [stream] },
      data,
      systemClock.monotonicMs() + 30_000,
    );
    return answer.rows;
  }
  // Of the session that was opened first.
  const countOf = async (what: 'views' | 'tables'): Promise<number> => {
    const sql = `select count(*) from duckdb_${what}() where database_name = '_session_1' and not internal`;
    return Number((await select(writer, sql))[0]?.[0]);
  };
  const made = async (): Promise<readonly number[]> => [await countOf('views'), await countOf('tables')];

  it('would be told of hidden records by a view', async () => {
    await writer.run(hidden);
    const view = `(select name from crm."Deal" where ${shown}) as deal`;
    await expect(select(writer, telling.replace('deal', view))).rejects.toThrow('missing )');
    await writer.run(`delete from crm."Deal" where name = 'hidden'`);
  });

  it('has a view for as long as nothing is hidden, and a copy otherwise', async () => {
    expect(await ask()).toEqual([[ROWS]]);
    expect(await made()).toEqual([1, 0]);
    await commit(`insert into crm."Deal" values ('of a known class', 2)`);
    expect(await ask()).toEqual([[ROWS + 1]]);
    await commit(`delete from crm."Deal" where name = 'of a known class'`);
    for (const unknown of ['4', '0', 'null']) {
      await commit(`insert into crm."Deal" values ('hidden', ${unknown})`);
      expect([unknown, await ask()]).toEqual([unknown, [[ROWS]]]);
      expect(await made()).toEqual([0, 1]);
      // The copy is good until its data change.
      await commit('select 1', 2 as StreamId);
      expect([await ask(), await made()]).toEqual([[[ROWS]], [0, 1]]);
      await unhide();
      expect([await ask(), await made()]).toEqual([[[ROWS]], [1, 0]]);
    }
  });

  it('has nothing hidden from it behind a view that another name leads to', async () => {
    const two = [relation('deal', shown), relation('other', '_acl in (1, 3)')];
    const sql = `select (select count(*) from deal), count(*), sum(case when name = 'deal 1' then cast(name as integer) else 1 end) from other`;
    const others = ROWS - Math.ceil((ROWS - 1) / 3);
    expect(await ask('two', two, sql)).toEqual([[ROWS, others, others]]);
  });

  it('is shown nothing of a commit that the host has not heard of yet', async () => {
    expect(await ask()).toEqual([[ROWS]]);
    await commit(hidden, stream, { over: async () => expect(await ask()).toEqual([[ROWS]]) });
    expect(await ask()).toEqual([[ROWS]]);
    await unhide();
  });

  it('is shown nothing that comes while its statement is on the way, at whatever moment', async () => {
    for (let turns = 0; turns < 60; turns += 1) {
      expect(await ask()).toEqual([[ROWS]]);
      expect((await made())[0]).toBe(1);
      let asked: Promise<unknown> = Promise.resolve();
      await commit(hidden, stream, {
        ready: async () => {
          asked = ask().catch(String);
          for (let turn = 0; turn < turns / 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        },
        // Every second one is noted only when the statement has been answered.
        over: async () => (turns % 2 === 0 ? undefined : void (await asked)),
      });
      expect([turns, await asked]).toEqual([turns, [[ROWS]]]);
      expect([turns, await ask()]).toEqual([turns, [[ROWS]]]);
      await unhide();
    }
  });

  it('is asked for anew when tables were replaced under the same name', async () => {
    expect(await ask()).toEqual([[ROWS]]);
    await writer.run(hidden);
    data.dataVersion += 1;
    sessions.reset();
    expect(await ask()).toEqual([[ROWS]]);
    expect((await made())[1]).toBe(1);
  });
});

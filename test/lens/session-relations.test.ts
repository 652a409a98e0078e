import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamId, TenantId } from '../../src/kernel/index.ts';
import type { SqlCall } from '../../src/lens/host-protocol.ts';
import { select } from '../../src/lens/host/select.ts';
import { ensureRelations, type RelationHome } from '../../src/lens/host/session-relations.ts';

describe('a copy of restricted rows', () => {
  const stream = 1 as StreamId;
  const call: SqlCall = {
    tenant: 1 as TenantId,
    sql: 'select count(*) from ticket',
    params: [],
    timeoutMs: 1_000,
    rowsMax: 10,
    session: 's',
    streams: [stream],
    relations: [{ name: 'ticket', select: `select id from main.t where status = $1`, params: ['open'], as: 'table' }],
  };
  let duck: DuckDBInstance;
  let writer: DuckDBConnection;
  let home: RelationHome;

  beforeAll(async () => {
    duck = await DuckDBInstance.create(':memory:');
    writer = await duck.connect();
    await writer.run(`create table t as select x as id, 'open' as status from range(200000) t(x)`);
    const connection = await duck.connect();
    await connection.run(`attach ':memory:' as _session`);
    await connection.run('use _session');
    home = { connection, database: '_session', catalog: 'memory', epoch: 0, relations: new Map() };
  });
  afterAll(() => {
    home.connection.closeSync();
    writer.closeSync();
    duck.closeSync();
  });

  it('is made again when a change came while it was made', async () => {
    const changedAt = new Map<StreamId, number>();
    const data = { seq: 1, changedAt, dataVersion: 0, committing: false };
    const copied = ensureRelations(home, call, data);
    await writer.run(`update t set status = 'closed' where id = 7`);
    data.seq = 2;
    changedAt.set(stream, 2);
    await copied;
    await ensureRelations(home, call, data);
    expect(await select(home.connection, 'select count(*) from ticket where id = 7')).toEqual([[0]]);
    expect(home.relations.get('ticket')?.seq).toBe(2);
  });

  it('counts as no newer than the data was before it', async () => {
    home.relations.clear();
    await home.connection.run('drop table ticket');
    const data = { seq: 3, changedAt: new Map([[stream, 3]]), dataVersion: 0, committing: false };
    const copied = ensureRelations(home, call, data);
    data.seq = 4;
    await copied;
    expect(home.relations.get('ticket')?.seq).toBe(3);
  });
});

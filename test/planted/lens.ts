import type { PlantedDefect } from './types.ts';

export const lensDefects: PlantedDefect[] = [
  {
    name: 'the sequence number is committed before the changes it stands for',
    file: 'src/lens/host/writes.ts',
    find: `      await applyChanges(instance, instance.layout, batch, emit);
      await writeProgress(instance.writer, batch.seq, batch.streams);`,
    replace: `      await writeProgress(instance.writer, batch.seq, batch.streams);
      await instance.writer.run('commit');
      await instance.writer.run('begin');
      await applyChanges(instance, instance.layout, batch, emit);`,
    suite: 'test/lens/recovery.test.ts',
  },
  {
    name: 'restricted rows of a caller are copied once and never again',
    file: 'src/lens/host/session-relations.ts',
    find: `(data.changedAt.get(stream) ?? 0) <= built.seq`,
    replace: `(data.changedAt.get(stream) ?? 0) >= 0`,
    suite: 'test/lens/agent-sql.test.ts',
  },
  {
    name: 'a copy of restricted rows counts as new as the data was after it',
    file: 'src/lens/host/session-relations.ts',
    find: `await build(home, relation, seq);`,
    replace: `await build(home, relation, data.seq);`,
    suite: 'test/lens/session-relations.test.ts',
  },
  {
    name: 'rows that broke off count as all rows',
    file: 'src/lens/host/read-rows.ts',
    find: `if (!cut && result.returnType === ResultReturnType.INVALID)`,
    replace: `if (cut && result.returnType === ResultReturnType.INVALID)`,
    suite: 'test/lens/agent-sql.test.ts',
  },
  {
    name: 'a caller waits for a parse however long it takes',
    file: 'src/lens/host-link.ts',
    find: `if (times.waitMs !== undefined)`,
    replace: `if (times.waitMs === 0)`,
    suite: 'test/lens/parse.test.ts',
  },
  {
    name: 'one caller may take every place at once',
    file: 'src/lens/host/gate.ts',
    find: `!busy && waiting.size > 0`,
    replace: `waiting.size > 0`,
    suite: 'test/lens/gate.test.ts',
  },
  {
    name: 'DuckDB may reach files outside the lens',
    file: 'src/lens/host/instance.ts',
    find: `enable_external_access: 'false'`,
    replace: `enable_external_access: 'true'`,
    suite: 'test/lens/isolation.test.ts',
  },
  {
    name: 'freshness is taken after the rows, so it can promise more than they hold',
    file: 'src/lens/reads.ts',
    find: `return answer(rows, streams, read.streams);
    } catch (error) {
      if (attempt < attemptsMax && (await mayFitNow(parts, tail, error, timeoutMs))) continue;
      if (attempt < attemptsMax && error instanceof HostLost`,
    replace: `await tail.refresh();
      return answer(rows, tail.state()?.streams ?? streams, read.streams);
    } catch (error) {
      if (attempt < attemptsMax && (await mayFitNow(parts, tail, error, timeoutMs))) continue;
      if (attempt < attemptsMax && error instanceof HostLost`,
    suite: 'test/lens/freshness.test.ts',
  },
];

import type { PlantedDefect } from './types.ts';

export const lensDefects: PlantedDefect[] = [
  {
    name: 'a plan is used again after the rows changed',
    file: 'src/lens/host/reader.ts',
    find: `if (dataVersion !== version) forget();`,
    replace: `if (dataVersion < version) forget();`,
    suite: 'test/lens/plans.test.ts',
  },
  {
    name: 'a full disk is an error like any other',
    file: 'src/lens/host/failure.ts',
    find: `if (isDiskFull(error)) return { kind: 'disk_full', text };`,
    replace: `if (isDiskFull(error) && text === '') return { kind: 'disk_full', text };`,
    suite: 'test/lens/disk-full.test.ts',
  },
  {
    name: 'what fails is tried again as often as somebody asks',
    file: 'src/lens/retries.ts',
    find: `clock.monotonicMs() < failing.untilMs ?`,
    replace: `clock.monotonicMs() < 0 ?`,
    suite: 'test/lens/disk-full.test.ts',
  },
  {
    name: 'a copy of a lens file is taken whatever its format',
    file: 'src/lens/host/snapshots.ts',
    find: `if (match === null || Number(match[1]) !== lensFormat) return [];`,
    replace: `if (match === null || Number(match[1]) > lensFormat) return [];`,
    suite: 'test/lens/snapshots.test.ts',
  },
  {
    name: 'the sequence number is committed before the changes it stands for',
    file: 'src/lens/host/writes.ts',
    find: `      await applyChanges(instance, instance.layout, batch, emit);
      await refreshDerived(instance.writer, instance.layout.derived ?? [], batch.changes);
      await writeProgress(instance.writer, batch);`,
    replace: `      await writeProgress(instance.writer, batch);
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
    name: 'that a view hides nothing is taken from before the snapshot of the statement',
    file: 'src/lens/host/bare-views.ts',
    find: '(committing ? null : dataVersion)',
    replace: '(committing ? dataVersion : dataVersion)',
    suite: 'test/lens/bare-views.test.ts',
  },
  {
    name: 'a view that hid nothing once is never looked at again',
    file: 'src/lens/host/bare-views.ts',
    find: '(changedAt.get(stream) ?? 0) <= bareAt',
    replace: '(changedAt.get(stream) ?? 0) >= 0',
    suite: 'test/lens/bare-views.test.ts',
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
      if (attempt < attemptsMax && wasCutOff(error)`,
    replace: `await tail.refresh();
      return answer(rows, tail.state()?.streams ?? streams, read.streams);
    } catch (error) {
      if (attempt < attemptsMax && (await mayFitNow(parts, tail, error, timeoutMs))) continue;
      if (attempt < attemptsMax && wasCutOff(error)`,
    suite: 'test/lens/freshness.test.ts',
  },
  {
    name: 'long reads hold up the short ones',
    file: 'src/lens/host/read-places.ts',
    find: 'const timer = setTimeout(giveUp, longMs);',
    replace: 'const timer = setTimeout(giveUp, longMs * 100_000);',
    suite: 'test/lens/read-places.test.ts',
  },
  {
    name: 'a file is closed for room while something runs in it',
    file: 'src/lens/host/registry.ts',
    find: `expecting === 0 && instance?.active === 0`,
    replace: `expecting === 0 && instance !== null`,
    suite: 'test/lens/eviction.test.ts',
  },
  {
    name: 'the file that was used last is closed for room',
    file: 'src/lens/host/registry.ts',
    find: `a.lastUsedMs - b.lastUsedMs`,
    replace: `b.lastUsedMs - a.lastUsedMs`,
    suite: 'test/lens/eviction.test.ts',
  },
  {
    name: 'files stay open however many there are',
    file: 'src/lens/host/registry.ts',
    find: `if (excess <= 0) return;`,
    replace: `if (excess >= 0) return;`,
    suite: 'test/lens/eviction.test.ts',
  },
  {
    name: 'one tenant more than may be is watched',
    file: 'src/lens/watches.ts',
    find: `watches.size > max`,
    replace: `watches.size > max + 1`,
    suite: 'test/lens/watches.test.ts',
  },
  {
    name: 'a file is opened anew again and again while it is loaded',
    file: 'src/lens/host/registry.ts',
    find: '!streams.some(({ backfilling }) => backfilling)',
    replace: 'streams.length > 0',
    suite: 'test/lens/reopen.test.ts',
  },
];

import type { PlantedDefect } from './types.ts';

export const syncDefects: readonly PlantedDefect[] = [
  {
    name: 'a run begins at the beginning although another one got half way',
    file: 'src/sync/run-stream.ts',
    find: `from === 'beginning' || state.beginsAnew ? null : stream.cursor;`,
    replace: 'null;',
    suite: 'test/sync/run-stream.test.ts',
  },
  {
    name: 'a value that does not fit is kept as it is',
    file: 'src/sync/normalise-record.ts',
    find: 'if (!coerced.ok) misfits.push({ field: field.name, reason: coerced.reason, value });',
    replace: 'if (!coerced.ok) parts.push(key + canonicalJson(value));',
    suite: 'test/sync/normalise-record.test.ts',
  },
  {
    name: 'a new field does not make the stream start over',
    file: 'src/sync/discover.ts',
    find: 'if (difference !== null && difference.added.length > 0) await restartStream(tx, tenant, stream);',
    replace: 'if (difference !== null && difference.added.length > 999) await restartStream(tx, tenant, stream);',
    suite: 'test/sync/run-stream.test.ts',
  },
  {
    name: 'a record that was made behind the list of ids is taken for deleted',
    file: 'src/sync/keep-page.ts',
    find: 'const ids = sweep === null || sweep.kind === null ? [] :',
    replace: "const ids = sweep?.kind !== 'reading' ? [] :",
    suite: 'test/sync/sweep.test.ts',
  },
  {
    name: 'a reading of some days deletes everything that is older',
    file: 'src/store/sweeps.ts',
    find: 'and ($4::timestamptz is null or r.src_at is null or r.src_at >= $4)',
    replace: 'and ($4::timestamptz is null or $4 is not null)',
    suite: 'test/sync/sweep.test.ts',
  },
  {
    name: 'each process begins the list of ids anew',
    file: 'src/sync/reconcile.ts',
    find: "return sweep.place === null ? 'beginning' : { after: sweep.place };",
    replace: "return 'beginning';",
    suite: 'test/sync/sweep.test.ts',
  },
  {
    name: 'a reading that the provider made begin anew finds no deletions',
    file: 'src/sync/run-stream.ts',
    find: 'const isFirst = page.restarted === true || cursor === null;',
    replace: 'const isFirst = cursor === null;',
    suite: 'test/sync/sweep.test.ts',
  },
  {
    name: 'an answer with nothing in it deletes everything',
    file: 'src/sync/judge-sweep.ts',
    find: "if (!isMany(finding)) return { kind: 'carry_out' };",
    replace: "if (finding.missing >= 0) return { kind: 'carry_out' };",
    suite: 'test/sync/held.test.ts',
  },
  {
    name: 'held deletions are forgotten by the next run that goes well',
    file: 'src/sync/run-stream.ts',
    find: 'const left = error ?? heldError(await readSweep(tx, holder), target, object);',
    replace: 'const left = error;',
    suite: 'test/sync/held.test.ts',
  },
  {
    name: 'text that JSON has to escape is taken for plain',
    file: 'src/sync/normalise-record.ts',
    find: '/^[ !#-[',
    replace: '/^[ -[',
    suite: 'test/sync/normalise-record.test.ts',
  },
  {
    name: 'a stream that becomes due is not told to whoever looks',
    file: 'src/store/stream-leases.ts',
    find: '  await markDue(tx, tenant, row.dueAt);',
    replace: '  await Promise.resolve(row.dueAt);',
    suite: 'test/store/tenant-schedule.test.ts',
  },
  {
    name: 'all streams of one interval come at once',
    file: 'src/sync/next-run.ts',
    find: 'const phaseMs = Math.floor(spread(stream) * everyMs);',
    replace: 'const phaseMs = Math.floor(spread(stream) * 0);',
    suite: 'test/sync/next-run.test.ts',
  },
  {
    name: 'absence counts as deletion although the user is shown less',
    file: 'src/sync/judge-sweep.ts',
    find: "if (finding.missing > 0 && !grantsSame) return { kind: 'hold', at: held?.at ?? now, grantsChanged: true };",
    replace:
      "if (finding.missing < 0 && !grantsSame) return { kind: 'hold', at: held?.at ?? now, grantsChanged: true };",
    suite: 'test/sync/held.test.ts',
  },
];

export const connectionDefects: readonly PlantedDefect[] = [
  {
    name: 'processes refresh the same token without waiting for each other',
    file: 'src/connection/renew-tokens.ts',
    find: "if (stored.generation > generation) return { kind: 'found', tokens: stored };",
    replace: '',
    suite: 'test/connection/connect.test.ts',
  },
  {
    name: 'a sign-in to another account is taken',
    file: 'src/connection/account-check.ts',
    find: 'if (row.accountId === null || row.accountId === account.accountId) return;',
    replace: 'return;',
    suite: 'test/connection/connect.test.ts',
  },
  {
    name: 'an ended grant counts as working again after any good call',
    file: 'src/connection/connection-state.ts',
    find: "call_succeeded: 'reauth_required',",
    replace: "call_succeeded: 'working',",
    suite: 'test/connection/connection-state.test.ts',
  },
  {
    name: 'a client secret is sent to any host that ends like the provider’s',
    file: 'src/connection/host-matches.ts',
    find: 'hostname.endsWith(host.slice(1)) && hostname !== host.slice(2)',
    replace: 'hostname.endsWith(host.slice(2))',
    suite: 'test/connection/login-address.test.ts',
  },
  {
    name: 'questions may have a customer read as often as they ask',
    file: 'src/store/stream-leases.ts',
    find: 'greatest($2, last_run_at + $5::int * interval',
    replace: 'greatest($2, last_run_at + 0 * $5::int * interval',
    suite: 'test/store/streams.test.ts',
  },
];

import type { PlantedDefect } from './types.ts';

const fencing = 'test/subscriptions/fencing.test.ts';

export const subscriptionDefects: PlantedDefect[] = [
  {
    name: 'agents with saved queries only are told whole records by events',
    file: 'src/subscriptions/read-spec.ts',
    find: 'if (!followsLinks(viewer.caller)) throw readsNoRecords();',
    replace: 'if (viewer.caller.savedQueries.size > 8) throw readsNoRecords();',
    suite: 'test/subscriptions/follow.test.ts',
  },
  {
    name: 'what a record was before a change is told to those who could not see it then',
    file: 'src/subscriptions/view-change.ts',
    find: 'if (!isSeen(viewer, object, { filter: spec.filter, read, truth }, now)) return null;',
    replace:
      'if (document !== images.before && !isSeen(viewer, object, { filter: spec.filter, read, truth }, now)) return null;',
    suite: 'test/subscriptions/view.test.ts',
  },
  {
    name: 'every event is sent as if the record were new',
    file: 'src/subscriptions/send-due.ts',
    find: 'viewChange(sight.viewer, sight.spec, change, deps.clock.now())',
    replace: 'viewChange(sight.viewer, sight.spec, { ...change, before: null }, deps.clock.now())',
    suite: 'test/subscriptions/deliver.test.ts',
  },
  {
    name: 'later events of a record overtake one that failed',
    file: 'src/subscriptions/send-due.ts',
    find: 'if (waiting.has(record)) continue;',
    replace: '',
    suite: 'test/subscriptions/deliver.test.ts',
  },
  {
    name: 'a worker that stood still sends what another one has sent since',
    file: 'src/subscriptions/send-due.ts',
    find: 'if (tooLate(deps, held.atMs) && (await hold(deps, worker, turn)) === null) return stopped;',
    replace: '',
    suite: fencing,
  },
  {
    name: 'a worker that lost its lease goes on as if it had it',
    file: 'src/store/subscriptions.ts',
    find: 'set lease_until = $4 where tenant = $1 and subscription = $2 and lease_by = $3\n    returning',
    replace: 'set lease_until = $4 where tenant = $1 and subscription = $2 and (lease_by = $3 or true)\n    returning',
    suite: fencing,
  },
  {
    name: 'a process takes a lease that it lost and claimed anew for the one that it lost',
    file: 'src/subscriptions/worker.ts',
    find: 'const holder = holders();',
    replace: 'const holder = name;',
    suite: fencing,
  },
  {
    name: 'events are told on after the key of their agent ended',
    file: 'src/subscriptions/hold-turn.ts',
    find: 'if (await agentHasKey(tx, tenant, row.agent)) return row;',
    replace: "if (row.agent !== '') return row;",
    suite: fencing,
  },
  {
    name: 'a client that left its stream of events is reported as a failure',
    file: 'src/api/event-stream.ts',
    find: 'if (!left) end.onFailed(cause);',
    replace: 'end.onFailed(cause);',
    suite: 'test/subscriptions/follow.test.ts',
  },
  {
    name: 'the project in force is asked for in the middle of a transaction',
    file: 'src/subscriptions/look-at-changes.ts',
    find: 'imagesSince(days, tx.now)',
    replace: 'imagesSince(await imageDays(deps, turn.tenant), tx.now)',
    suite: 'test/subscriptions/deliver.test.ts',
  },
  {
    name: 'what is due is read by a project that is asked for in the middle of a transaction',
    file: 'src/subscriptions/send-due.ts',
    find: 'imagesSince(days, tx.now)',
    replace: 'imagesSince(await imageDays(deps, tenant), tx.now)',
    suite: 'test/subscriptions/deliver.test.ts',
  },
  {
    name: 'a transaction that asks for the project in force fails now and then only',
    file: 'src/app/project/revisions.ts',
    find: '    refuseInTransaction();\n',
    replace: '',
    suite: 'test/app/deaf-process.test.ts',
  },
];

import type { PlantedDefect } from './types.ts';

export const subscriptionDefects: PlantedDefect[] = [
  {
    name: 'what a record was before a change is told to those who could not see it then',
    file: 'src/subscriptions/view-change.ts',
    find: 'if (!isSeen(viewer, object, spec.filter, read, now)) return null;',
    replace: 'if (document !== images.before && !isSeen(viewer, object, spec.filter, read, now)) return null;',
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
    find: 'if (held.has(record)) continue;',
    replace: '',
    suite: 'test/subscriptions/deliver.test.ts',
  },
];

import type { PlantedDefect } from './types.ts';

export const googleCalendarWriteDefects: PlantedDefect[] = [
  {
    name: 'every sending of a new event chooses another id',
    file: 'src/connectors/google-calendar/writes/event-body.ts',
    find: '=> contentHash(key)',
    replace: '=> contentHash(`${key}${String(performance.now())}`)',
    suite: 'test/connectors/google-calendar-writes.test.ts',
  },
  {
    name: 'a changed event is overwritten',
    file: 'src/connectors/google-calendar/writes/send.ts',
    find: "{ 'if-match': item.ifVersion }",
    replace: "{ 'x-match': item.ifVersion }",
    suite: 'test/connectors/google-calendar-writes.test.ts',
  },
  {
    name: 'guests are mailed about what programs write',
    file: 'src/connectors/google-calendar/writes/send.ts',
    find: "{ sendUpdates: 'none' }",
    replace: "{ sendUpdates: 'all' }",
    suite: 'test/connectors/google-calendar-writes.test.ts',
  },
];

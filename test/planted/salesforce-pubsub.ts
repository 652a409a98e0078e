import type { PlantedDefect } from './types.ts';

export const salesforcePubsubDefects: PlantedDefect[] = [
  {
    name: 'the place of a quiet object is left to expire',
    file: 'src/connectors/salesforce/pubsub/follow.ts',
    find: 'return response.latestReplayId.length > 0 || last === undefined ? response.latestReplayId : last;',
    replace: 'return last ?? new Uint8Array();',
    suite: 'test/connectors/salesforce-pubsub.test.ts',
  },
  {
    name: 'what happened before the line was held is never read',
    file: 'src/connectors/salesforce/pubsub/follow.ts',
    find: 'replayId === null ? [object] : []',
    replace: '[]',
    suite: 'test/connectors/salesforce-pubsub.test.ts',
  },
  {
    name: 'more events are asked for than have been kept',
    file: 'src/connectors/salesforce/pubsub/subscribe.ts',
    find: '      await onResponse(response);\n',
    replace: '      call.write({ numRequested: REQUESTED });\n      await onResponse(response);\n',
    suite: 'test/connectors/salesforce-pubsub.test.ts',
  },
  {
    name: 'an overflow event is dropped',
    file: 'src/connectors/salesforce/pubsub/change-events.ts',
    find: '      gap = true;\n',
    replace: '',
    suite: 'test/connectors/salesforce-pubsub.test.ts',
  },
  {
    name: 'a process that lost its line goes on keeping events',
    file: 'src/store/event-lines.ts',
    find: 'live_since = coalesce(live_since, $7)\n    where tenant = $1 and connection = $2 and holder = $3 returning connection`,',
    replace:
      'live_since = coalesce(live_since, $7)\n    where tenant = $1 and connection = $2 and ($3::text is not null) returning connection`,',
    suite: 'test/inbox/line-followers.test.ts',
  },
];

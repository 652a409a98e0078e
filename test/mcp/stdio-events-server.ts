import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { createToolDoor, serveMcpStdio, type CallerContext } from '../../src/mcp/index.ts';
import { migrate, openPglite } from '../../src/store/index.ts';
import { createChangeBell, followEvents, readEventPage, sentEvents } from '../../src/subscriptions/index.ts';
import { openEventWorld } from '../subscriptions/fixture.ts';
import { callerContext, hurried, recordingQuery, services } from './fixture.ts';

/** A whole process that speaks MCP on stdin and stdout; each call of `describe` changes an account to what it names. */
async function openWorld() {
  const db = await openPglite({ memory: true });
  await migrate(db);
  const world = await openEventWorld(db);
  return { world, deps: { ...world.deps, bell: await createChangeBell(db, systemClock) } };
}

let opened: ReturnType<typeof openWorld> | null = null;
/** Not before somebody asks something that needs it. */
const open = (): ReturnType<typeof openWorld> => (opened ??= openWorld());

const caller = async (): Promise<CallerContext> => {
  const { caller: who, scope } = (await open()).world.viewer();
  return {
    caller: { ...who, tools: new Set(['describe', 'query_records']) },
    scope: { ...callerContext().scope, ...scope },
  };
};
const query = recordingQuery();
const door = createToolDoor({
  services: {
    ...services({
      ...query,
      describe: async (who, scope, request) => {
        const { world } = await open();
        for (const name of request.names) await world.put(['a1', { crm_id: 'a1', name, segment: 'mid' }]);
        return query.describe(who, scope, request);
      },
    }),
    readEvents: async (context, wish) => readEventPage((await open()).deps, context, wish),
  },
  clock: systemClock,
  random: systemRandom,
});
serveMcpStdio({
  door,
  version: '0.0.0-test',
  clock: hurried,
  caller,
  events: {
    follow: async (_, wish, signal) => {
      const { deps } = await open();
      return sentEvents(await followEvents(deps, caller, wish, signal), deps.publicUrl, wish.object);
    },
    random: systemRandom,
  },
});

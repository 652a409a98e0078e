import type { PlantedDefect } from './types.ts';

export const faultDefects: readonly PlantedDefect[] = [
  {
    name: 'a row of the fault matrix has no test',
    file: 'docs/faults.md',
    find: '- `test/sync/moving-records.test.ts` › S7: ',
    replace: '`test/sync/moving-records.test.ts` has it: ',
    suite: 'test/tidy/faults.test.ts',
  },
  {
    name: 'values that were set aside stay there when the schema takes them again',
    file: 'src/sync/discover.ts',
    find: 'await replayOutdated(deps, { tenant, stream: stream.id }, version);',
    replace: 'await replayOutdated(deps, { tenant, stream: stream.id }, 0);',
    suite: 'test/sync/drift.test.ts',
  },
  {
    name: 'one record that the database refuses holds up its object',
    file: 'src/sync/keep-around.ts',
    find: 'if (!isRefusal(error)) throw error;\n    const refused',
    replace: 'if (isRefusal(error)) throw error;\n    const refused',
    suite: 'test/sync/set-aside.test.ts',
  },
  {
    name: 'a refusal of the tokens of before ends the sign-in of now',
    file: 'src/connection/renew-tokens.ts',
    find: 'if (!(await store.end(tx, request, generation))) return { events: [],',
    replace: 'if ((await store.end(tx, request, generation)) === null) return { events: [],',
    suite: 'test/connection/refresh-waiting.test.ts',
  },
  {
    name: 'what the connected user is given is known by its name alone',
    file: 'src/connectors/salesforce/read-records.ts',
    find: '.then(withoutAddresses, untold));',
    replace: '.then(() => null, untold));',
    suite: 'test/sync/sharing.test.ts',
  },
  {
    name: 'a comparison brings what the backfill leaves out',
    file: 'src/store/sweep-reports.ts',
    find: '$5::timestamptz is null or stamp >= $5)',
    replace: '$5::timestamptz is null or stamp is not null)',
    suite: 'test/sync/ask-backfill.test.ts',
  },
  {
    name: 'what a provider holds back for a minute is taken for deleted',
    file: 'src/sync/keep-page.ts',
    find: "if (kind !== 'reading' || !leavesOut) return false;",
    replace: "if (kind !== 'reading' || leavesOut) return false;",
    suite: 'test/sync/left-out.test.ts',
  },
];

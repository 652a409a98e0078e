import type { PlantedDefect } from './types.ts';

const suite = 'test/api/api.test.ts';

export const apiDefects: PlantedDefect[] = [
  {
    name: "an agent's key starts a sync",
    file: 'src/api/connection-routes.ts',
    find: "await requireKey(context.req.raw, authenticateOperator, 'operator');\n    const request = readBody(syncNowBody",
    replace: "{ name: 'anybody' };\n    const request = readBody(syncNowBody",
    suite,
  },
  {
    name: 'text from a provider becomes markup on the callback page',
    file: 'src/api/callback-page.ts',
    find: '`<p>${escape(line)}</p>`',
    replace: '`<p>${line}</p>`',
    suite,
  },
  {
    name: 'a body without a declared length may be of any size',
    file: 'src/api/read-json.ts',
    find: 'if (bytes > bytesMax) throw tooLarge();',
    replace: '',
    suite,
  },
  {
    name: 'a body may be nested without end',
    file: 'src/api/read-json.ts',
    find: 'if (isNestedBeyond(text, limits.doorNestingMax)) {',
    replace: 'if (isNestedBeyond(text, Infinity)) {',
    suite: 'test/api/sync-doors.test.ts',
  },
  {
    name: 'anybody drops dead letters',
    file: 'src/api/dead-routes.ts',
    find: 'const operator = await operatorOf(context);\n    const { by = null, ...rest } = readBody(dropLetterQuery',
    replace: "const operator = { name: 'anybody' };\n    const { by = null, ...rest } = readBody(dropLetterQuery",
    suite: 'test/api/sync-doors.test.ts',
  },
  {
    name: 'values that do not fit are shown unasked',
    file: 'src/api/quarantine-routes.ts',
    find: "values === 'true'",
    replace: "values !== 'maybe'",
    suite: 'test/app/sync-doors.test.ts',
  },
  {
    name: 'an object that is paused is asked for without a word',
    file: 'src/app/connections/connection-use-cases.ts',
    find: 'if (request.acceptDeletions !== true) refusePaused(row, streams, objects);',
    replace: '',
    suite: 'test/app/sync-doors.test.ts',
  },
  {
    name: 'what an operator drops leaves no trace of who and why',
    file: 'src/app/sync/dead-letter-use-cases.ts',
    find: "const act = { act: 'drop_dead_letter', connection, object, name: row.name, figures } as const;\n          await noteAct(tx, tenant, act, { operator, said: request });",
    replace: '',
    suite: 'test/app/sync-doors.test.ts',
  },
  {
    name: 'an option that the usage does not name passes',
    file: 'src/cli/arguments.ts',
    find: 'if (untold.length + unknown.length === 0) return;',
    replace: 'if (unknown.length === 0) return;',
    suite: 'test/cli/usage.test.ts',
  },
];

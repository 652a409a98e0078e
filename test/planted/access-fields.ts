import type { PlantedDefect } from './types.ts';

const suite = 'test/query/fields-shown-now.test.ts';

export const accessFieldsDefects: PlantedDefect[] = [
  {
    name: 'which fields a source shows now is not asked',
    file: 'src/query/rights/with-shown-fields.ts',
    find: 'if (mayAwaitFields !== true) return;',
    replace: 'if (mayAwaitFields !== true || context.caller.principal !== null) return;',
    suite,
  },
  {
    name: 'fields of records that are looked up are not asked for',
    file: 'src/query/rights/with-shown-fields.ts',
    find: 'for (const [stream, by] of lookedUpAsking(object, columns, context)) read.set(stream, { object, by });',
    replace: 'lookedUpAsking(object, columns, context);',
    suite,
  },
  {
    name: 'a source that cannot be asked shows what it showed before',
    file: 'src/query/rights/with-shown-fields.ts',
    find: 'if (shown === undefined || shown.unasked.has(stream)) throw',
    replace: 'if (shown === undefined) throw',
    suite,
  },
  {
    name: 'fields that were won meanwhile are told',
    file: 'src/access/fields-shown.ts',
    find: 'fieldsInBoth(right.fields, fields ?? nothing)',
    replace: '(fields ?? nothing)',
    suite,
  },
  {
    name: 'rights without a field are numbered as those with it',
    file: 'src/access/fields-shown.ts',
    find: 'version, streams: new Map([',
    replace: 'version: version === "" ? version : rights.version, streams: new Map([',
    suite: 'test/app/query-access.test.ts',
  },
  {
    name: 'a question goes on over another catalogue once fields are lost',
    file: 'src/app/access/query-access.ts',
    find: '{ caller, unasked: new Set(streams) }',
    replace: '{ caller, unasked }',
    suite: 'test/app/query-access.test.ts',
  },
  {
    name: 'a user who may not sign in any more is shown fields',
    file: 'src/connectors/salesforce/access/standings.ts',
    find: '  if (!active) return new Map();\n',
    replace: '',
    suite: 'test/connectors/salesforce-permissions.test.ts',
  },
  {
    name: 'fields are asked for with the sign-in of somebody else',
    file: 'src/app/access/own-session.ts',
    find: 'standing.user === link.sourceUser ?',
    replace: `standing.user !== '' ?`,
    suite: 'test/app/access.test.ts',
  },
  {
    name: 'who is not active is shown fields',
    file: 'src/app/access/fields-now.ts',
    find: 'return active ?',
    replace: 'return active || objects.size > 0 ?',
    suite: 'test/app/access.test.ts',
  },
  {
    name: 'fields of another user count',
    file: 'src/app/access/fields-now.ts',
    find: 'standings.find((each) => each.user === user)',
    replace: 'standings[0]',
    suite: 'test/app/access.test.ts',
  },
];

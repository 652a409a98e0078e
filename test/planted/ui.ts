import type { PlantedDefect } from './types.ts';

export const uiDefects: PlantedDefect[] = [
  {
    name: 'any page may use the session of the console',
    file: 'src/api/console-session.ts',
    find: "    request.headers.get(OWN_HEADER) === '1' &&\n",
    replace: '',
    suite: 'test/ui/session.test.ts',
  },
  {
    name: 'signing out of the console leaves the session good',
    file: 'src/app/console/sessions.ts',
    find: "signOut: (session) => db.tx((tx) => removeOauthItem(tx, KIND, session), 'console.sign_out'),",
    replace: 'signOut: async () => undefined,',
    suite: 'test/ui/session.test.ts',
  },
  {
    name: 'a key beside the cookie of the console does not count',
    file: 'src/api/console-session.ts',
    find: "if (request.headers.has('authorization') || !isForOperators(context)) return;",
    replace: '',
    suite: 'test/ui/session.test.ts',
  },
  {
    name: 'a spreadsheet runs what the console exports',
    file: 'ui/src/pure/export-lines.ts',
    find: "/^[=+\\-@\\t\\r]/.test(value) ? `'${value}` : value",
    replace: 'value',
    suite: 'test/ui/pure.test.ts',
  },
];

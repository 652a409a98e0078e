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
];

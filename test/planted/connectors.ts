import type { PlantedDefect } from './types.ts';

export const connectorsDefects: PlantedDefect[] = [
  {
    name: 'the token follows a redirect to another host',
    file: 'src/connectors/kit/http-client.ts',
    find: "redirect: 'manual',",
    replace: "redirect: 'follow',",
    suite: 'test/connectors/http-client.test.ts',
  },
  {
    name: 'a record that commits late with an older stamp is never read',
    file: 'src/connectors/salesforce/position.ts',
    find: 'const floor = position.floor ?? (isRecent ? settled : null);',
    replace: 'const floor = isRecent && position.after === null ? settled : null;',
    suite: 'test/connectors/salesforce-position.test.ts',
  },
  {
    name: 'a backslash in a value ends the SOQL literal early',
    file: 'src/connectors/salesforce/soql.ts',
    find: "text.replaceAll('\\\\', '\\\\\\\\').replaceAll",
    replace: 'text.replaceAll',
    suite: 'test/connectors/soql.test.ts',
  },
  {
    name: 'a refresh without a new refresh token forgets the old one',
    file: 'src/connectors/kit/oauth-flow.ts',
    find: '(old?.refreshToken ?? null)',
    replace: 'null',
    suite: 'test/connectors/oauth-flow.test.ts',
  },
];

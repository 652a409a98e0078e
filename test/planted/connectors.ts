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
  {
    name: 'a page that is too large stops the stream for good',
    file: 'src/connectors/kit/fitting-page.ts',
    find: "error.code !== 'upstream_too_large') throw error;",
    replace: "error.code !== 'upstream_too_large' || size > 0) throw error;",
    suite: 'test/connectors/large-records.test.ts',
  },
  {
    name: 'an export claims the minute that it holds back',
    file: 'src/connectors/kit/declared-page.ts',
    find: 'askedAt.getTime() - plan.withholds_s * 1_000',
    replace: 'askedAt.getTime()',
    suite: 'test/connectors/odd-answers.test.ts',
  },
  {
    name: 'a cursor that no later call can carry is stored',
    file: 'src/connectors/kit/declared-page.ts',
    find: 'next.length > limits.cursorCharsMax',
    replace: "next === ''",
    suite: 'test/connectors/odd-answers.test.ts',
  },
];

import type { PlantedDefect } from './types.ts';

export const sandboxZendeskDefects: PlantedDefect[] = [
  {
    name: 'an export cursor skips records that share the second where the page ended',
    file: 'sandbox/zendesk/store/collection.ts',
    find: 'base.changedS(index) === position.changedS && base.idOf(index) <= position.id)',
    replace: 'base.changedS(index) === position.changedS && position.id >= 0)',
    suite: 'test/sandbox-zendesk/incremental.test.ts',
  },
  {
    name: 'a changed ticket stays in the export at its old place, too',
    file: 'sandbox/zendesk/store/collection.ts',
    find: 'skip: (id) => overlay.has(id)',
    replace: 'skip: () => false',
    suite: 'test/sandbox-zendesk/incremental.test.ts',
  },
  {
    name: 'exports show changes of the last minute',
    file: 'sandbox/zendesk/api/incremental.ts',
    find: ' - limits.incrementalExclusionS;',
    replace: ' - 0 * limits.incrementalExclusionS;',
    suite: 'test/sandbox-zendesk/incremental.test.ts',
  },
  {
    name: 'a used refresh token goes on working',
    file: 'sandbox/zendesk/oauth.ts',
    find: 'rotateRefresh: true',
    replace: 'rotateRefresh: false',
    suite: 'test/sandbox-zendesk/oauth.test.ts',
  },
  {
    name: 'the help desk of globex knows organizations by another domain than their people write from',
    file: 'sandbox/zendesk/profiles/globex.ts',
    find: 'domain_names: [account.domain,',
    replace: 'domain_names: [`www.${account.domain}`,',
    suite: 'test/sandbox-zendesk/globex.test.ts',
  },
];

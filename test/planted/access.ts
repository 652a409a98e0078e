import type { PlantedDefect } from './types.ts';

export const accessDefects: PlantedDefect[] = [
  {
    name: 'a record that changes hands keeps the class of before',
    file: 'src/store/ingest.ts',
    find: 'when excluded.acl_own is not distinct from e.acl_own then e.acl else excluded.acl_own end,',
    replace: 'else e.acl end,',
    suite: 'test/store/access.test.ts',
  },
  {
    name: 'shares count on after the record went to another owner',
    file: 'src/store/shares.ts',
    find: 'update share set doubted_at = $4',
    replace: 'update share set doubted_at = null, read_at = least(read_at, $4)',
    suite: 'test/sync/access.test.ts',
  },
  {
    name: 'records that follow another one are left behind',
    file: 'src/store/settle-classes.ts',
    find: 'if (generation >= generationsMax) return;',
    replace: 'if (generation >= 0) return;',
    suite: 'test/sync/access.test.ts',
  },
  {
    name: 'who is not in a list any more is shown the record all the same',
    file: 'src/sync/access/own-lists.ts',
    find: '(members) => members.filter((each) => each !== grantee)',
    replace: '(members) => members',
    suite: 'test/sync/access.test.ts',
  },
  {
    name: 'a change of class does not reach the lens',
    file: 'src/lens/store-feed.ts',
    find: 'doc: docText, at: srcAt ?? seenAt, acl }));',
    replace: 'doc: docText, at: srcAt ?? seenAt, acl: null }));',
    suite: 'test/lens/access-class.test.ts',
  },
  {
    name: 'rights have no age',
    file: 'src/access/rights-from.ts',
    find: "  if (facts.now.getTime() - asOf.getTime() > facts.maxAgeMs) return unknown('too_old', facts, connection);\n  return {",
    replace: '  return {',
    suite: 'test/access/rights-from.test.ts',
  },
  {
    name: 'the sign-in of somebody else tells of whom a user is linked to',
    file: 'src/sync/access/own-sessions.ts',
    find: 'return (await asUser.readStanding([])).user === link.sourceUser ? asUser : null;',
    replace: 'return asUser;',
    suite: 'test/sync/access.test.ts',
  },
];

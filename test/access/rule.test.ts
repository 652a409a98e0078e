import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ruleAudience, ruleStanding } from '../../src/access/index.ts';
import type { JsonObject } from '../../src/kernel/index.ts';

const rule = { owner: 'OwnerId', team: 'Team', territory: null };
const meets = (values: JsonObject, user: { sourceUser: string; attributes: JsonObject }): boolean => {
  const standing = new Set(ruleStanding(user));
  return ruleAudience(rule, values).some((grantee) => standing.has(grantee));
};

describe('rules of the tenant’s own', () => {
  it.each<[string, JsonObject, string, JsonObject, boolean]>([
    ['the owner by id', { OwnerId: '42' }, '42', {}, true],
    ['an id that is a number there', { OwnerId: 42 }, '42', {}, true],
    ['an id in another case is another user', { OwnerId: '005aA' }, '005Aa', {}, false],
    ['the owner by e-mail, in any case', { OwnerId: 'Ada@Acme.com ' }, '7', { email: 'ada@acme.COM' }, true],
    ['somebody of the team', { OwnerId: '1', Team: 'north' }, '2', { team: 'north' }, true],
    ['one of several teams on both sides', { Team: ['east', 'west'] }, '2', { team: ['north', 'west'] }, true],
    ['a team whose name is a user’s id', { Team: '42' }, '42', {}, false],
    ['a field that the rule does not name', { Territory: 'north' }, '2', { territory: 'north' }, false],
    ['nobody where the fields are empty', { OwnerId: null, Team: '' }, '', { team: '' }, false],
    ['nobody where a value is no name', { OwnerId: { id: '42' }, Team: true }, '42', { team: true }, false],
    ['what only objects have', {}, '42', { team: 'north' }, false],
  ])('%s', (_name, values, sourceUser, attributes, expected) => {
    expect(meets(values, { sourceUser, attributes })).toBe(expected);
  });

  it('show a record to nobody whom no field of it names', () => {
    const name = fc.constantFrom('a', 'b', 'A', 'a@x.de', 'A@X.DE', '');
    fc.assert(
      fc.property(name, name, name, name, (owner, team, user, own) => {
        const same = (one: string, other: string): boolean =>
          one !== '' && (one === other || (one.includes('@') && one.toLowerCase() === other.toLowerCase()));
        const expected = same(owner, user) || same(team, own);
        expect(meets({ OwnerId: owner, Team: team }, { sourceUser: user, attributes: { team: own } })).toBe(expected);
      }),
    );
  });
});

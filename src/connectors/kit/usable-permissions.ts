import { limits } from '../../kernel/index.ts';
import type { AsUserPermissions, Audience, SessionPermissions, Standing } from '../permissions.ts';

/**
 * Nothing of what is said about access is taken for more than it can be:
 * answers name only records that were asked for, and an audience that cannot be
 * kept is nobody.
 */
export function usablePermissions(permissions: SessionPermissions): SessionPermissions {
  const { readShares, readStandings, visibleTo, mayWrite, asUser } = permissions;
  return {
    ...permissions,
    audienceOf: (object, record, facts) => usableAudience(permissions.audienceOf(object, record, facts)),
    ...(readShares === undefined
      ? {}
      : {
          readShares: async (object, cursor, facts) => {
            const page = await readShares(object, cursor, facts);
            return { ...page, shares: page.shares.filter(({ ended, grantee }) => ended || isGrantee(grantee)) };
          },
        }),
    ...(readStandings === undefined
      ? {}
      : {
          readStandings: async (users, objects, facts) => {
            const asked = new Set(users);
            const standings = await readStandings([...asked], objects, facts);
            return standings.filter(({ user }) => asked.has(user)).map(usableStanding);
          },
        }),
    ...(visibleTo === undefined
      ? {}
      : {
          visibleTo: async (user, object, ids) => onlyAsked(ids, await visibleTo(user, object, askable(ids))),
        }),
    ...(mayWrite === undefined
      ? {}
      : {
          mayWrite: async (question) => {
            if (question.writes.length === 0) return [];
            const rights = await mayWrite(question);
            if (rights !== null && rights.length !== question.writes.length) {
              throw new Error('each write that was asked about has an answer of its own');
            }
            return rights;
          },
        }),
    ...(asUser === undefined ? {} : { asUser: usableAsUser(asUser) }),
  };
}

function usableAsUser(asUser: AsUserPermissions): AsUserPermissions {
  return {
    ...asUser,
    readStanding: async (objects) => usableStanding(await asUser.readStanding(objects)),
    visible: async (object, ids) => onlyAsked(ids, await asUser.visible(object, askable(ids))),
  };
}

function usableAudience(audience: Audience | null): Audience | null {
  if (audience === null) return null;
  const grantees = [...new Set(audience.grantees)];
  if (grantees.length > limits.audienceGranteesMax || !grantees.every(isGrantee)) return null;
  return { ...audience, grantees: grantees.toSorted() };
}

const usableStanding = (standing: Standing): Standing => ({
  ...standing,
  grantees: [...new Set(standing.grantees)].filter(isGrantee),
});

const isGrantee = (text: string): boolean =>
  text !== '' && text.length <= limits.granteeCharsMax && !/[\p{Cc}\p{Cs}]/u.test(text);

function askable(ids: readonly string[]): readonly string[] {
  if (ids.length > limits.visibleIdsMax) throw new Error('more records than one question of access may have');
  return [...new Set(ids)];
}

function onlyAsked(asked: readonly string[], shown: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(asked.filter((id) => shown.has(id)));
}

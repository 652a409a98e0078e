import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type Connector,
  type ConnectorSession,
  type ProviderAccess,
  type SessionPermissions,
  type SourceUser,
  type SourceUserPage,
  type Standing,
} from '../../src/connectors/index.ts';
import { limits, systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { signIn, startSandbox, type SandboxStart, type SignedIn, type TestSandbox } from '../support/sandbox.ts';
import { deriveAccess, permissionsOf, type DerivedAccess } from './derived-access.ts';

/** What the suite must know of a provider whose connector derives access with an administrator's session. */
export interface PermissionFacts {
  readonly provider: Parameters<typeof startSandbox>[0];
  readonly start: SandboxStart;
  readonly prepare?: (sandbox: TestSandbox) => Promise<void>;
  readonly objects: readonly string[];
  /** Id of a user whom nobody knows. */
  readonly stranger: string;
  /** Every how many of the users are compared record by record. */
  readonly everyNth: number;
  /** Calls for the standings of all users at once, at most. */
  readonly standingCallsMax: number;
  /** Fields that both name alike; absent: all. */
  readonly isCompared?: (field: string) => boolean;
  /** False of users of whom the provider tells the connected user a part only: nothing more may be shown to them. Absent: true. */
  readonly isWhole?: (standing: Standing, stage: PermissionStage) => boolean;
  /** How many users it tells of; absent: all of two hundred. */
  readonly usersMin?: number;
}

/** Everything of one stage, for what a provider's own tests add. */
export interface PermissionStage {
  readonly sandbox: TestSandbox;
  readonly connector: Connector;
  readonly admin: SignedIn;
  readonly session: ConnectorSession;
  readonly permissions: SessionPermissions;
  readonly objects: readonly NativeObject[];
  readonly derived: DerivedAccess;
  readonly users: readonly SourceUser[];
  readonly standings: ReadonlyMap<string, Standing>;
  readonly standingCalls: number;
  /** Name of the connected user. */
  readonly self: string;
}

export interface Visible {
  readonly readable: boolean;
  readonly ids: readonly string[];
  readonly fields: readonly string[];
}

/** What the sandbox's written rules show a user, worked out apart from the way that requests take. */
export async function visibleAt(sandbox: TestSandbox, user: string): Promise<Readonly<Record<string, Visible>>> {
  const { objects } = await sandbox.control<{ objects: Record<string, Visible> }>('POST', 'visible', { user });
  return objects;
}

/** A session with the user's own token, as the sandbox gives it without a browser. */
export async function sessionAs(stage: PermissionStage, username: string): Promise<ConnectorSession> {
  const { tokens } = await stage.sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
    users: [username],
  });
  const accessToken = tokens[username];
  if (accessToken === undefined) throw new Error(`the sandbox gave ${username} no token`);
  const access: ProviderAccess = {
    apiUrl: stage.admin.access.apiUrl,
    token: async () => ({ accessToken, generation: 1 }),
    renew: () => Promise.reject(new Error('the token of a test does not end')),
  };
  return stage.connector.open(access);
}

async function everyUser(permissions: SessionPermissions): Promise<SourceUser[]> {
  const users: SourceUser[] = [];
  let after: string | null = null;
  do {
    const page: SourceUserPage | undefined = await permissions.listUsers?.(after);
    if (page === undefined) throw new Error('the session does not list users');
    users.push(...page.users);
    after = page.next;
  } while (after !== null);
  return users;
}

async function openStage(facts: PermissionFacts): Promise<PermissionStage> {
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), facts.provider);
  const sandbox = await startSandbox(facts.provider, facts.start);
  try {
    await facts.prepare?.(sandbox);
    await sandbox.control('POST', 'sharing', { generate: { users: 200, seed: 7 } });
    const admin = await signIn(sandbox, connector);
    const session = connector.open(admin.access);
    const permissions = permissionsOf(session);
    const objects = await Promise.all(facts.objects.map((name) => session.describeObject(name)));
    const derived = await deriveAccess(session, objects);
    const users = await everyUser(permissions);
    const callsBefore = admin.calls.length;
    const found = await permissions.readStandings?.(
      users.map(({ id }) => id),
      objects,
      derived.facts,
    );
    const standings = new Map((found ?? []).map((standing) => [standing.user, standing]));
    const standingCalls = admin.calls.length - callsBefore;
    const self = (await session.identify()).userName;
    return { sandbox, connector, admin, session, permissions, objects, derived, users, standings, standingCalls, self };
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
}

/** The contract of `permissions`; `more` adds tests of the provider's own to the same stage. */
export function permissionsContract(facts: PermissionFacts, more: (stage: () => PermissionStage) => void): void {
  describe(`permissions contract: ${facts.provider}`, () => {
    let opened: PermissionStage | undefined;
    const stage = (): PermissionStage => {
      if (opened === undefined) throw new Error('the stage is not open');
      return opened;
    };
    beforeAll(async () => {
      opened = await openStage(facts);
    }, 300_000);
    afterAll(() => opened?.sandbox.stop());

    const compared = (): Standing[] =>
      [...stage().standings.values()].filter((_, at) => at % facts.everyNth === 1 || at === 0);
    const isCompared = facts.isCompared ?? ((): boolean => true);

    it('states how it learns of every object, and why where it cannot', () => {
      const { permissions, objects, derived } = stage();
      for (const object of objects) {
        const strategy = permissions.strategyOf(object, derived.facts);
        expect(['record', 'shares'], object.name).toContain(strategy.kind);
        const unread = permissions.strategyOf({ ...object, name: 'Nonsense' }, { hash: '', data: {} });
        if (unread.kind === 'none') expect(unread.why).toMatch(/\.$/);
      }
    });

    it('works audiences out of the record alone, within what can be kept', async () => {
      const { permissions, session, objects, derived } = stage();
      for (const object of objects) {
        const { records } = await session.readPage({ object, cursor: null });
        const told = JSON.stringify(records);
        for (const record of records) {
          const audience = permissions.audienceOf(object, record, derived.facts);
          expect(permissions.audienceOf(object, structuredClone(record), structuredClone(derived.facts))).toEqual(
            audience,
          );
          if (audience === null) continue;
          expect(audience.grantees.length).toBeLessThanOrEqual(limits.audienceGranteesMax);
          expect(audience.grantees.every((grantee) => grantee.length <= limits.granteeCharsMax)).toBe(true);
          expect(audience.grantees).toEqual([...new Set(audience.grantees)].toSorted());
        }
        expect(JSON.stringify(records)).toBe(told);
      }
    });

    it('says nothing of users whom the provider does not know', async () => {
      const { permissions, objects, derived, users } = stage();
      const known = users[0]?.id ?? '';
      const standings = await permissions.readStandings?.([facts.stranger, known], objects, derived.facts);
      expect(standings?.map(({ user }) => user)).toEqual([known]);
      expect(await permissions.readStandings?.([], objects, derived.facts)).toEqual([]);
    });

    it('learns of all users at once', () => {
      const { standings, users, standingCalls } = stage();
      expect(users.length).toBeGreaterThanOrEqual(facts.usersMin ?? 190);
      expect(new Set(users.map(({ id }) => id)).size).toBe(users.length);
      expect(standings.size).toBe(users.length);
      expect(standingCalls).toBeLessThanOrEqual(facts.standingCallsMax);
    });

    it('shows each user what the provider shows, record by record and field by field', async () => {
      const { sandbox, objects, derived } = stage();
      let shown = 0;
      for (const standing of compared()) {
        const visible = await visibleAt(sandbox, standing.user);
        for (const { name, fields } of objects) {
          const there = visible[name];
          const label = `${standing.user} ${name}`;
          expect(there, label).toBeDefined();
          const rights = standing.objects.get(name);
          const ids = there?.readable === true && standing.active ? there.ids : [];
          const own = derived.shownTo(standing, name).toSorted();
          shown += own.length;
          if (facts.isWhole?.(standing, stage()) === false) {
            expect(
              own.filter((id) => !ids.includes(id)),
              label,
            ).toEqual([]);
            continue;
          }
          const held = new Set(derived.records.get(name));
          expect(own, label).toEqual(ids.filter((id) => held.has(id)).toSorted());
          if (!standing.active || there?.readable !== true) {
            expect(rights, label).toBeUndefined();
            continue;
          }
          const known = fields.map((field) => field.name).filter(isCompared);
          expect(
            known.filter((field) => rights?.fields.has(field) === true),
            label,
          ).toEqual(known.filter((field) => there.fields.includes(field)));
        }
      }
      expect(shown).toBeGreaterThan(500);
    }, 300_000);

    it('asks the provider itself about single records, and gets the same answer', async () => {
      const { permissions, objects, derived } = stage();
      for (const [at, standing] of compared().slice(1, 5).entries()) {
        for (const object of objects.filter(({ name }) => standing.objects.has(name))) {
          const ids = (derived.records.get(object.name) ?? []).slice(at * 50, at * 50 + 60);
          const there = await permissions.visibleTo?.(standing.user, object, [...ids, 'no id at all']);
          const expected = new Set(derived.shownTo(standing, object.name));
          expect(there, `${standing.user} ${object.name}`).toEqual(new Set(ids.filter((id) => expected.has(id))));
        }
      }
      const [first] = compared();
      const [object] = objects;
      if (first === undefined || object === undefined) throw new Error('there is nothing to ask about');
      const tooMany = Array.from({ length: limits.visibleIdsMax + 1 }, (_, at) => String(at));
      await expect(permissions.visibleTo?.(first.user, object, tooMany)).rejects.toThrow('more records');
    }, 300_000);

    more(stage);
  });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  declaredConnector,
  parseDeclaration,
  requireConnector,
  type ConnectorSession,
  type NativeRecord,
  type SessionPermissions,
} from '../../src/connectors/index.ts';
import { declaredGrantees, untoldPermissions } from '../../src/connectors/kit/declared-permissions.ts';
import { usablePermissions } from '../../src/connectors/kit/usable-permissions.ts';
import { limits, systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { scriptServer, type ScriptServer } from '../support/script-server.ts';
import { permissionsOf } from './derived-access.ts';

const object: NativeObject = {
  name: 'Lead',
  label: 'Leads',
  custom: false,
  idField: 'Id',
  linkTemplate: null,
  fields: [],
};
const recordWith = (values: NativeRecord['values']): NativeRecord => ({
  id: '1',
  modifiedAt: null,
  deleted: false,
  values,
});
const facts = { hash: '', data: {} };
const told = (more: Partial<SessionPermissions>): SessionPermissions =>
  usablePermissions({ ...untoldPermissions('No reason.'), ...more });

describe('permissions: what connectors say is kept within bounds', () => {
  it('takes an audience that is too large, or that cannot be stored, for nobody', () => {
    const audience = (grantees: readonly string[]) =>
      told({ audienceOf: () => ({ grantees }) }).audienceOf(object, recordWith({}), facts);
    const many = Array.from({ length: limits.audienceGranteesMax }, (_, at) => `user:${String(at)}`);
    expect(audience(many)?.grantees).toHaveLength(limits.audienceGranteesMax);
    expect(audience([...many, 'user:one more'])).toBeNull();
    expect(audience(['x'.repeat(limits.granteeCharsMax)])?.grantees).toHaveLength(1);
    expect(audience(['x'.repeat(limits.granteeCharsMax + 1)])).toBeNull();
    expect(audience(['user:\u0000'])).toBeNull();
    expect(audience(['b', 'a', 'b'])).toEqual({ grantees: ['a', 'b'] });
    expect(audience([])).toEqual({ grantees: [] });
  });

  it('believes no answer about users, records or shares that were not asked for', async () => {
    const long = 'x'.repeat(limits.granteeCharsMax + 1);
    const standing = { active: true, grantees: ['a', 'a', long], objects: new Map() };
    const permissions = told({
      readStandings: async () => [
        { user: '1', ...standing },
        { user: '2', ...standing },
      ],
      visibleTo: async () => new Set(['1', '2']),
      readShares: async () => ({
        shares: [
          { id: 's1', recordId: '1', grantee: 'a', ended: false },
          { id: 's2', recordId: '1', grantee: long, ended: false },
          { id: 's3', recordId: '', grantee: '', ended: true },
        ],
        cursor: {},
        more: false,
        readAt: new Date(0),
      }),
    });
    expect(await permissions.readStandings?.(['1'], [object], facts)).toEqual([
      { user: '1', active: true, grantees: ['a'], objects: new Map() },
    ]);
    expect(await permissions.visibleTo?.('1', object, ['1', '3'])).toEqual(new Set(['1']));
    const page = await permissions.readShares?.(object, null, facts);
    expect(page?.shares.map(({ id }) => id)).toEqual(['s1', 's3']);
  });

  it('reads grantees from the fields that are declared, one for each value', () => {
    const templates = ['everyone', 'owner:{owner_id}', 'copied:{copied_ids}', 'group:{group_id}'];
    const record = recordWith({ owner_id: 7, copied_ids: [1, '2', null], group_id: null });
    expect(declaredGrantees(templates, record)).toEqual(['everyone', 'owner:7', 'copied:1', 'copied:2']);
    expect(declaredGrantees(['x:{constructor}', 'y:{gone}', 'z:{n}'], recordWith({ n: 2 ** 60 }))).toEqual([]);
  });

  it('says why, where a declaration states that the provider tells nobody', async () => {
    const errors = Array.from(
      { length: 12 },
      (_, at) => `  - { status: ${String(400 + at)}, class: bad_request, user_action: None. }`,
    );
    const declaration = parseDeclaration(
      [
        'connector: silent',
        'title: Silent',
        'api_version: v1',
        'types: {}',
        'permissions: { kind: none, why: Silent tells nobody who is shown what. }',
        'rate_limits: { wait: [retry-after] }',
        'errors:',
        ...errors,
      ].join('\n'),
      'silent/connector.yaml',
    );
    const deps = { clock: systemClock, random: systemRandom };
    const token = { accessToken: 't', generation: 1 };
    const access = { apiUrl: 'http://127.0.0.1:9', token: async () => token, renew: async () => token };
    const permissions = permissionsOf(declaredConnector(declaration, deps).open(access));
    const none = await permissions.readFacts([object]);
    const why = 'Silent tells nobody who is shown what.';
    expect(permissions.strategyOf(object, none)).toEqual({ kind: 'none', why });
    expect(permissions.audienceOf(object, recordWith({ OwnerId: '1' }), none)).toBeNull();
  });
});

describe('salesforce: what restriction rules need', () => {
  const registry = connectorRegistry({ clock: { ...systemClock, sleep: async () => {} }, random: systemRandom });
  let server: ScriptServer | null = null;
  afterEach(async () => {
    await server?.stop();
    server = null;
  });

  interface Org {
    readonly rights: Readonly<Record<string, boolean>>;
    /** Permissions that this org does not know. */
    readonly unknown?: readonly string[];
    readonly rules?: readonly object[];
  }

  /** An org whose lead object is public, and which has nothing else. */
  function answerOf(org: Org, asked: URL): { status: number; body: unknown } {
    const soql = asked.searchParams.get('q') ?? '';
    const found = (records: readonly object[]) => ({
      status: 200,
      body: { totalSize: records.length, done: true, records },
    });
    if (asked.pathname.endsWith('/userinfo')) return { status: 200, body: { user_id: '005000000000001AAA' } };
    if (asked.pathname.endsWith('/sobjects')) return { status: 200, body: { sobjects: [] } };
    if (asked.pathname.endsWith('/describe'))
      return { status: 200, body: { name: 'Lead', keyPrefix: '00Q', fields: [] } };
    if (soql.includes('FROM EntityDefinition'))
      return found([{ QualifiedApiName: 'Lead', InternalSharingModel: 'Read' }]);
    if (soql.includes('FROM RestrictionRule')) return found(org.rules ?? []);
    if (org.unknown?.some((name) => soql.includes(`Permissions${name}`)) === true) {
      return { status: 400, body: [{ errorCode: 'INVALID_FIELD', message: 'No such column' }] };
    }
    return found([
      {
        PermissionSet: Object.fromEntries(Object.entries(org.rights).map(([name, has]) => [`Permissions${name}`, has])),
      },
    ]);
  }

  async function sessionOf(org: Org): Promise<ConnectorSession> {
    server = await scriptServer((request: IncomingMessage, response: ServerResponse) => {
      const { status, body } = answerOf(org, new URL(request.url ?? '', 'http://127.0.0.1'));
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    const token = { accessToken: 't', generation: 1 };
    const access = { apiUrl: server.url, token: async () => token, renew: async () => token };
    return requireConnector(registry, 'salesforce').open(access);
  }

  const admin = { ViewSetup: true, ViewAllData: true };
  const rule = { TargetEntity: 'Lead', IsActive: true, EnforcementType: 'Restrict' };

  it.each<[string, Org, string]>([
    [
      'an active rule hides the object from everybody',
      { rights: { ...admin, ManageSharing: true }, rules: [rule] },
      'none',
    ],
    [
      'a rule that is not active',
      { rights: { ...admin, ManageSharing: true }, rules: [{ ...rule, IsActive: false }] },
      'record',
    ],
    [
      'a scoping rule',
      { rights: { ...admin, ViewRestrictionAndScopingRules: true }, rules: [{ ...rule, EnforcementType: 'Scoping' }] },
      'record',
    ],
    ['an org without such rules', { rights: admin, unknown: ['ManageSharing'] }, 'record'],
  ])('%s', async (_, org, kind) => {
    const permissions = permissionsOf(await sessionOf(org));
    expect(permissions.strategyOf(object, await permissions.readFacts([object])).kind).toBe(kind);
  });

  it.each([
    ['View Restriction and Scoping Rules', { rights: admin }],
    ['View All Data', { rights: { ...admin, ViewAllData: false, ManageSharing: true } }],
    ['View Setup and Configuration', { rights: { ...admin, ViewSetup: false, ManageSharing: true } }],
  ])('refuses to derive anything without "%s"', async (name, org) => {
    const asked = permissionsOf(await sessionOf(org)).readFacts([object]);
    await expect(asked).rejects.toMatchObject({
      code: 'access_source_refused',
      details: { data: { missing: [name] } },
    });
  });
});

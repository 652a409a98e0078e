import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  newFieldTypes,
  requireConnector,
  type Connector,
  type FieldWish,
  type NewFieldType,
  type ConnectorSession,
  type SessionFields,
  type WriteItem,
  type WriteOutcome,
} from '../../src/connectors/index.ts';
import { systemClock, systemRandom, type Json, type JsonObject } from '../../src/kernel/index.ts';
import { coerce, type NativeObject } from '../../src/schema/index.ts';
import {
  signIn,
  signInWithValues,
  startSandbox,
  type SandboxStart,
  type SignedIn,
  type TestSandbox,
} from '../support/sandbox.ts';
import { odooSignIn, odooValues } from './odoo-sign-in.ts';

interface Place {
  readonly provider: 'salesforce' | 'odoo' | 'zendesk';
  readonly object: string;
  readonly start?: SandboxStart;
  readonly enter?: (sandbox: TestSandbox, connector: Connector) => Promise<SignedIn>;
  /** The call that makes a field. */
  readonly path: string;
  /** A type that the provider, or this object, has no fields for. */
  readonly lacks: readonly NewFieldType[];
}

const values: Readonly<Record<NewFieldType, Json>> = {
  string: 'kurz',
  text: `${'lang '.repeat(200)}.`,
  boolean: true,
  integer: 42,
  number: 1.5,
  date: '2026-12-01',
  datetime: '2026-12-01T10:00:00.000Z',
  enum: 'high',
};

const withWrites = (sandbox: TestSandbox, connector: Connector) =>
  signIn(sandbox, connector, undefined, connector.writeScopes);

const places: readonly Place[] = [
  { provider: 'salesforce', object: 'Opportunity', path: '/tooling\\/sobjects\\/CustomField/', lacks: [] },
  {
    provider: 'odoo',
    object: 'crm.lead',
    start: { company: 'acme', odooVersion: 19 },
    enter: (sandbox, connector) => odooSignIn(sandbox, connector),
    path: '/ir\\.model\\.fields\\/create/',
    lacks: [],
  },
  { provider: 'zendesk', object: 'tickets', path: '/ticket_fields/', lacks: ['datetime', 'enum'] },
  { provider: 'zendesk', object: 'users', path: '/user_fields/', lacks: ['datetime'] },
];

describe.each(places)('new fields: $provider, $object', (place) => {
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), place.provider);
  let sandbox: TestSandbox;
  let session: ConnectorSession;
  let made = 0;

  beforeAll(async () => {
    sandbox = await startSandbox(place.provider, { scale: 2_000, ...place.start });
    if (place.provider === 'zendesk') await sandbox.control('POST', 'limits', { perMinute: 100_000 });
    session = connector.open((await (place.enter ?? withWrites)(sandbox, connector)).access);
  }, 300_000);
  afterAll(() => sandbox.stop());
  beforeEach(() => sandbox.control('DELETE', 'faults'));

  const fields = (): SessionFields => {
    const own = session.writes?.fields;
    if (own === undefined) throw new Error('no fields are made');
    return own;
  };
  const wish = (type: NewFieldType): FieldWish => {
    made += 1;
    const name = `agent_${type}_${String(made)}`;
    return { name, label: `Agent ${type} ${String(made)}`, type, values: type === 'enum' ? ['low', 'high'] : [] };
  };
  const describeNow = (): Promise<NativeObject> => session.describeObject(place.object);
  const open = (): Promise<void> => Promise.resolve();
  const create = async (wanted: FieldWish, key: string): Promise<WriteOutcome> =>
    fields().createField({ object: await describeNow(), wish: wanted, key }, open);
  const effects = async (): Promise<number> => {
    const { entries } = await sandbox.control<{ entries: { effects: JsonObject[] }[] }>('GET', 'ledger?limit=100000');
    return entries.flatMap((entry) => entry.effects).filter(({ op }) => op === 'schema').length;
  };

  it('are made for every type that the connector says, discovered, and hold their values', async () => {
    for (const type of newFieldTypes) {
      const wanted = wish(type);
      const answer = fields().fieldFor(await describeNow(), wanted);
      if (place.lacks.includes(type)) {
        expect(answer, type).toMatchObject({ kind: 'no_way' });
        continue;
      }
      expect(answer, type).toMatchObject({ kind: 'new' });
      const outcome = await create(wanted, `key-${wanted.name}`);
      expect(outcome, type).toMatchObject({ kind: 'applied', created: true, existed: false });
      const name = outcome.kind === 'applied' ? outcome.recordId : '';
      const object = await describeNow();
      expect(fields().fieldFor(object, wanted), type).toMatchObject({ kind: 'there', field: { name, writable: true } });
      await writeAndRead(object, name, values[type]);
    }
    expect(connector.newFields).toBeDefined();
  }, 300_000);

  /** Into some record that may be changed. */
  async function writeAndRead(object: NativeObject, field: string, value: Json): Promise<void> {
    const { writes } = session;
    if (writes === undefined) throw new Error('it does not write');
    const page = await session.readPage({ object, cursor: null });
    const id = page.records.find(({ deleted, values: own }) => !deleted && own['status'] !== 'closed')?.id ?? '';
    // Nothing stands in a field before somebody has written it.
    const filled = page.records
      .map(({ values: own }) => own[field] ?? null)
      .filter((each) => each !== null && each !== false && each !== 0);
    expect(filled, field).toEqual([]);
    const item: WriteItem = {
      key: `v-${field}`,
      recordId: id,
      values: { [field]: value },
      match: null,
      ifVersion: null,
    };
    const [outcome] = await writes.send({
      object,
      operation: 'update',
      form: 'single',
      items: [item],
      beforeSend: open,
      onJob: () => Promise.resolve(),
      job: null,
      signal: new AbortController().signal,
    });
    expect(outcome, field).toMatchObject({ kind: 'applied' });
    const [image] = await writes.readImages(object, [id], [field]);
    const native = object.fields.find(({ name }) => name === field);
    // As it is kept: providers spell dates and numbers as they like.
    const stands = native === undefined ? null : coerce(native, image?.values[field] ?? null);
    expect(stands, field).toMatchObject({ ok: true, value });
  }

  it('are made once, however often they are asked for', async () => {
    const wanted = wish('string');
    const before = await effects();
    const first = await create(wanted, 'key-once');
    const again = await create(wanted, 'key-once');
    const another = await create(wanted, 'key-of-another-plan');
    expect(again).toMatchObject({ kind: 'applied', existed: true });
    expect(another).toMatchObject({ kind: 'applied', existed: true });
    const name = first.kind === 'applied' ? first.recordId : '';
    expect([again, another].map((each) => each.kind === 'applied' && each.recordId)).toEqual([name, name]);
    expect(await effects()).toBe(before + 1);
  });

  it('are found again after a lost answer, and known not to be there where nothing came', async () => {
    const wanted = wish('string');
    const before = await effects();
    const lose = (applied: boolean) =>
      sandbox.control('POST', 'faults', [
        { match: { method: 'POST', path: place.path }, action: { reset: true, applied } },
      ]);
    const asked = { wish: wanted, key: 'key-lost' };
    await lose(false);
    expect(await create(wanted, asked.key)).toEqual({ kind: 'unknown' });
    expect(await fields().findField({ ...asked, object: await describeNow() })).toEqual({ kind: 'not_applied' });
    expect(await effects()).toBe(before);
    await lose(true);
    expect(await create(wanted, asked.key)).toEqual({ kind: 'unknown' });
    const settled = await fields().findField({ ...asked, object: await describeNow() });
    // In Salesforce the field is there and nobody is shown it yet: the next sending completes it.
    expect(settled.kind).toBe(place.provider === 'salesforce' ? 'not_applied' : 'applied');
    expect(await create(wanted, asked.key)).toMatchObject({ kind: 'applied', existed: true });
    expect(await fields().findField({ ...asked, object: await describeNow() })).toMatchObject({ kind: 'applied' });
    expect(await effects()).toBe(before + 1);
  });

  it('are not what somebody else made of another kind', async () => {
    const wanted = wish('boolean');
    expect(await create(wanted, 'key-other')).toMatchObject({ kind: 'applied' });
    const other: FieldWish = { ...wanted, type: 'date' };
    expect(fields().fieldFor(await describeNow(), other)).toMatchObject({ kind: 'no_way' });
    expect(await create(other, 'key-other-2')).toMatchObject({ kind: 'refused', refusal: { code: 'duplicate' } });
  });

  it.runIf(place.provider === 'salesforce')('are left alone where the connected user is not shown them', async () => {
    const wanted = wish('string');
    const lost = { match: { method: 'POST', path: '/sobjects\\/FieldPermissions/' }, action: { reset: true } };
    await sandbox.control('POST', 'faults', [lost]);
    expect(await create(wanted, 'key-of-one')).toEqual({ kind: 'unknown' });
    // It is there, made by another write, and hidden: nobody of ours decides that it is to be seen.
    expect(await create(wanted, 'key-of-two')).toMatchObject({ kind: 'refused', refusal: { code: 'duplicate' } });
    expect(await create(wanted, 'key-of-one')).toMatchObject({ kind: 'applied', existed: true });
  });

  it('ask before they are made, and not at all where that says no', async () => {
    const before = await effects();
    const no = new Error('a switch was thrown');
    const object = await describeNow();
    const sending = fields().createField({ object, wish: wish('string'), key: 'key-no' }, () => Promise.reject(no));
    await expect(sending).rejects.toThrow('a switch was thrown');
    expect(await effects()).toBe(before);
  });
});

describe('new fields: who may make them', () => {
  const registry = connectorRegistry({ clock: systemClock, random: systemRandom });
  const wish: FieldWish = { name: 'agent_note', label: 'Agent note', type: 'string', values: [] };

  it.each([
    ['salesforce', 'Opportunity'],
    ['zendesk', 'users'],
    ['odoo', 'crm.lead'],
  ] as const)('is whoever administers %s', async (provider, object) => {
    const connector = requireConnector(registry, provider);
    const sandbox = await startSandbox(provider, {
      scale: 2_000,
      ...(provider === 'odoo' ? { company: 'acme', odooVersion: 19 } : {}),
    });
    try {
      const person = sandbox.health.users.find(({ role }) => role !== 'admin' && role !== 'end-user');
      if (person === undefined) throw new Error('nobody but administrators');
      const signedIn =
        provider === 'odoo'
          ? await signInWithValues(connector, 'api_key', odooValues(sandbox, person))
          : await signIn(sandbox, connector, person, connector.writeScopes);
      const session = connector.open(signedIn.access);
      const native = await session.describeObject(object);
      const making = session.writes?.fields?.createField({ object: native, wish, key: 'k' }, () => Promise.resolve());
      // Salesforce does not even tell such a user that there are definitions.
      if (provider === 'salesforce') await expect(making).rejects.toMatchObject({ code: 'access_source_refused' });
      else expect(await making).toMatchObject({ kind: 'refused', refusal: { code: 'not_permitted' } });
    } finally {
      await sandbox.stop();
    }
  });
});

import { beforeAll, expect, it } from 'vitest';
import { createSwitchUseCases } from '../../src/app/switches/switch-use-cases.ts';
import { auditAppender } from '../../src/audit/index.ts';
import { systemRandom, type TenantId } from '../../src/kernel/index.ts';
import { addConnection, addTenant, ensureStream, openSwitches, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';

describeEachStore('a switch on something that is not there', (open) => {
  let db: Db;
  let tenant: TenantId;
  beforeAll(async () => {
    db = await open();
    tenant = await addTenant(db, { slug: 'acme', at: new Date('2026-01-01') });
    await db.tenantTx(
      tenant,
      async (tx) => {
        const row = { tenant, slug: 'crm', integration: 'crm', provider: 'p', state: 'working' };
        const connection = await addConnection(tx, row);
        for (const object of ['Opportunity', 'Case'])
          await ensureStream(tx, { tenant, connection, object, everyS: 60 });
      },
      'test.connect',
    );
  });

  const throwOn = (subject: object) => {
    const names = async () => ({
      agents: new Map([['renewals-copilot', {}]]),
      models: new Map([['deal', { name: 'deal', operations: new Map([['close', {}]]) }]]),
    });
    const settings = async () => ({ people: new Map() });
    const switches = createSwitchUseCases({ db, audit: auditAppender(systemRandom), settings, names });
    const request = { tenant: 'acme', mode: 'stop_writes', reason: 'wrong amounts', by: null };
    return switches.throw({ name: 'lena', role: 'operator' }, { ...request, ...subject });
  };
  const held = () => db.tenantRead(tenant, (tx) => openSwitches(tx, tenant));

  it.each([
    [{ connection: 'CRM' }, ['crm'], ['crm']],
    [{ connection: 'warehouse' }, undefined, ['crm']],
    [{ connection: 'CRM', object: 'Opportunity' }, ['crm'], ['crm']],
    [{ connection: 'crm', object: 'opportunity' }, ['Opportunity'], expect.arrayContaining(['Opportunity', 'Case'])],
    [{ connection: 'crm', object: 'Oportunity' }, ['Opportunity'], expect.arrayContaining(['Opportunity', 'Case'])],
    [{ connection: 'crm', object: 'case' }, ['Case'], expect.arrayContaining(['Opportunity', 'Case'])],
    // Plans speak of models; a switch on one would stop nothing.
    [{ connection: 'crm', object: 'deal' }, undefined, expect.arrayContaining(['Opportunity', 'Case'])],
    [{ connection: 'crm', object: 'Deal' }, undefined, expect.arrayContaining(['Opportunity', 'Case'])],
    [{ agent: 'renewal-copilot' }, ['renewals-copilot'], ['renewals-copilot']],
    [{ operation: 'deal.closed' }, ['deal.close'], expect.arrayContaining(['update', 'create_task', 'deal.close'])],
  ])('is refused with what is like it, and nothing is said to hold: %j', async (subject, suggestions, allowed) => {
    const before = await held();
    await expect(throwOn(subject)).rejects.toMatchObject({
      code: 'switch_scope_unknown',
      details: { suggestions: suggestions ?? [], allowed },
    });
    expect(await held()).toEqual(before);
  });

  it.each([
    { connection: 'crm' },
    { connection: 'crm', object: 'Opportunity' },
    // Never read, and written all the same; nor is it meant for a case.
    { connection: 'crm', object: 'Task' },
    { agent: 'renewals-copilot' },
    { operation: 'deal.close' },
    { operation: 'update' },
    { operation: 'undo' },
    { operation: 'log_activity' },
    { principal: 'ida@acme.example' },
    {},
  ])('is thrown on what is there: %j', async (subject) => {
    const count = (await held()).length;
    expect(await throwOn(subject)).toMatchObject({ state: 'on' });
    expect(await held()).toHaveLength(count + 1);
  });
});

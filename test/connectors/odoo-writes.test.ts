import { describe, expect, it } from 'vitest';
import { connectorRegistry, requireConnector, type WriteItem, type WriteRequest } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { startSandbox } from '../support/sandbox.ts';
import { odooSignIn } from './odoo-sign-in.ts';
import { writeContract, type WriteFacts } from './write-suite.ts';

const facts = {
  provider: 'odoo',
  signIn: (sandbox, connector) => odooSignIn(sandbox, connector),
  passing: 'SerializationFailure',
  writePath: '/\\/(create|write|unlink)\\?/',
  // A marker tells what was made; it does not keep Odoo from making it again.
  resendable: false,
} satisfies Partial<WriteFacts>;

writeContract({
  ...facts,
  variant: 'with a marker',
  start: { company: 'acme', odooVersion: 19 },
  object: 'crm.lead',
  values: (n) => ({ name: `Chance ${n}`, type: 'opportunity', contact_name: 'neu' }),
  change: { contact_name: 'geändert' },
  refused: { values: { contact_name: 'ohne Namen' }, code: 'value_missing' },
});

writeContract({
  ...facts,
  variant: 'without a marker',
  start: { company: 'globex', odooVersion: 19 },
  object: 'res.partner',
  values: (n) => ({ name: `Firma ${n}`, is_company: true, comment: 'neu' }),
  change: { comment: 'geändert' },
  // A constraint of the database, in Odoo's words: contacts require a name.
  refused: { values: { comment: 'ohne Namen' }, code: 'rule_refused' },
  lostCreate: 'unclear',
});

describe('odoo: writes in the older dialects', () => {
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'odoo');

  it.each([
    ['jsonrpc', 17],
    ['xmlrpc', 14],
  ] as const)('are carried by %s of Odoo %i, with their refusals', async (protocol, odooVersion) => {
    const sandbox = await startSandbox('odoo', { company: 'acme', odooVersion, scale: 2_000 });
    try {
      const session = connector.open((await odooSignIn(sandbox, connector, protocol)).access);
      const { writes } = session;
      if (writes === undefined) throw new Error('the session does not write');
      const object = await session.describeObject('crm.lead');
      let made = 0;
      const item = (given: Partial<WriteItem>): WriteItem => {
        made += 1;
        return { key: `${protocol}-${made}`, recordId: null, values: {}, match: null, ifVersion: null, ...given };
      };
      const send = (operation: WriteRequest['operation'], items: readonly WriteItem[]) =>
        writes.send({
          object,
          operation,
          form: 'batch',
          items,
          beforeSend: () => Promise.resolve(),
          onJob: () => Promise.resolve(),
          job: null,
          signal: new AbortController().signal,
        });
      const newLead = (name: string | null): WriteItem =>
        item({ values: { name, type: 'opportunity', date_deadline: '2026-12-24', expected_revenue: 12.5 } });
      const outcomes = await send('create', [newLead('eins'), newLead(null), newLead('drei')]);
      expect(outcomes).toMatchObject([
        { kind: 'applied', created: true },
        { kind: 'refused', refusal: { code: 'value_missing' } },
        { kind: 'applied', created: true },
      ]);
      const ids = outcomes.flatMap((one) => (one.kind === 'applied' ? [one.recordId] : []));
      const images = await writes.readImages(object, ids, ['name', 'date_deadline', 'expected_revenue']);
      const rest = { date_deadline: '2026-12-24', expected_revenue: 12.5 };
      expect(images.map(({ values }) => values)).toEqual([
        { name: 'eins', ...rest },
        { name: 'drei', ...rest },
      ]);
      const emptied = ids.map((recordId) => item({ recordId, values: { date_deadline: null } }));
      expect(await send('update', emptied)).toMatchObject(ids.map((recordId) => ({ kind: 'applied', recordId })));
      expect((await writes.readImages(object, ids, ['date_deadline']))[1]?.values).toEqual({ date_deadline: null });
      const gone = ids.map((recordId) => item({ recordId }));
      expect(await send('delete', gone)).toMatchObject(ids.map(() => ({ kind: 'applied' })));
      expect((await writes.readImages(object, ids, [])).every(({ missing }) => missing)).toBe(true);
    } finally {
      await sandbox.stop();
    }
  });
});

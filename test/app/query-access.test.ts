import { describe, expect, it } from 'vitest';
import { callerFor, type PrincipalRights, type ShownFields, type StreamRights } from '../../src/access/index.ts';
import { createQueryAccess } from '../../src/app/access/query-access.ts';
import { tenantId } from '../../src/kernel/index.ts';
import { compileCatalogue, type Catalogue } from '../../src/mapping/index.ts';
import { integration, manifestOf } from '../mapping/hand-made.ts';
import { field, object, stream } from '../mapping/support.ts';
import { agentWith, NOW } from '../query/world.ts';

describe('the caller of a question whose source was asked for fields', () => {
  const native = object('Account', [field('Id', 'id'), field('Name', 'string'), field('Industry', 'string')]);
  const source = stream('crm', native);
  const account = source.stream;
  const catalogue = compileCatalogue(manifestOf([], [integration('crm', { Account: { model: null, fields: {} } })]), [
    source,
  ]);
  const tenant = tenantId(1);
  const agent = agentWith('copilot', { 'crm.Account': {} });
  const known: StreamRights = {
    kind: 'known',
    by: 'shares',
    classes: 'all',
    fields: new Set(['Id', 'Name', 'Industry']),
    asOf: NOW,
  };
  const rights: PrincipalRights = { principal: 'ann', version: '1', streams: new Map([[account, known]]) };
  const caller = callerFor({ agent, catalogue, tenant, tenantSlug: 'acme', rights });
  const ask = (shown: ShownFields, over: Partial<Catalogue> = {}) => {
    const access = createQueryAccess({
      access: { fieldsNow: async () => shown, visibleNow: async () => null, reader: undefined as never },
      manifests: { of: async () => ({ manifest: { agents: new Map([['copilot', agent]]) } }) } as never,
      catalogues: { of: async () => ({ ...catalogue, ...over }) } as never,
    });
    return access.withinShownFields({ caller, scope: catalogue, streams: [account] });
  };
  const fieldsOf = ({ objects }: typeof caller): string[] => [...(objects.get('crm.Account')?.fields.keys() ?? [])];

  it('is the same one where nothing was lost', async () => {
    for (const fields of [
      ['Id', 'Name', 'Industry'],
      ['Id', 'Name', 'Industry', 'Phone'],
    ]) {
      expect((await ask(new Map([[account, new Set(fields)]]))).caller).toBe(caller);
    }
  });

  it('is another one, by another number, without what was lost', async () => {
    expect(fieldsOf(caller)).toContain('Industry');
    const one = await ask(new Map([[account, new Set(['Id', 'Name'])]]));
    expect([fieldsOf(one.caller).includes('Industry'), fieldsOf(one.caller).includes('Name')]).toEqual([false, true]);
    const other = await ask(new Map([[account, new Set(['Id', 'Industry'])]]));
    const none = await ask(new Map([[account, null]]));
    expect(fieldsOf(none.caller)).toEqual([]);
    const versions = [caller, one.caller, other.caller, none.caller].map(({ accessVersion }) => accessVersion);
    expect(new Set(versions).size).toBe(4);
    // A list goes on from page to page, whatever was lost between them.
    expect(one.caller.questionVersion).toBe(caller.questionVersion);
    const again = await ask(new Map([[account, new Set(['Id', 'Name', 'Phone'])]]));
    expect(again.caller.accessVersion).toBe(one.caller.accessVersion);
  });

  it('says of which streams nobody can be asked, and of all where it was another catalogue meanwhile', async () => {
    expect(await ask(new Map())).toEqual({ caller, unasked: new Set([account]) });
    expect(await ask(new Map([[account, new Set(['Id'])]]), { version: 'another' })).toEqual({
      caller,
      unasked: new Set([account]),
    });
  });
});

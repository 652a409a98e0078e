import { expect, it } from 'vitest';
import type { Json } from '../../src/kernel/index.ts';
import { viewOf, type Natives, type Sees } from '../../security/differential/model-view.ts';
import { modelsOf } from '../../security/differential/models.ts';

const natives: Natives = new Map(
  Object.entries({
    'crm.Account': { a1: { Id: 'a1', Name: 'One', Industry: 'Mining' }, a2: { Id: 'a2', Name: 'Two', Industry: null } },
    'support.organizations': { o1: { external_id: 'a1', name: 'Uno' }, o9: { external_id: null, name: 'Nine' } },
    'support.tickets': { t1: { id: 't1', organization_id: 'o1', requester_id: 'u1' } },
    'support.users': { u1: { email: 'u1@x.example' } },
  } satisfies Record<string, Record<string, Record<string, Json>>>).map(([name, rows]) => [
    name,
    new Map(Object.entries(rows).map(([id, row]) => [id, new Map(Object.entries(row))])),
  ]),
);

/** Everything but these objects, records (`object/id`) and fields (`object.field`). */
const allBut =
  (...hidden: string[]): Sees =>
  (integration, object) => {
    const rows = natives.get(`${integration}.${object}`);
    const fields = new Set([...(rows?.values() ?? [])].flatMap((row) => [...row.keys()]));
    return {
      readable: rows !== undefined && !hidden.includes(object),
      ids: new Set([...(rows?.keys() ?? [])].filter((id) => !hidden.includes(`${object}/${id}`))),
      fields: new Set([...fields].filter((field) => !hidden.includes(`${object}.${field}`))),
    };
  };

const seen = (name: string, ...hidden: string[]) => {
  const model = modelsOf(['crm', 'support']).find((each) => each.name === name);
  if (model === undefined) throw new Error(`no model ${name}`);
  const { table, fields, readable } = viewOf(model, natives, allBut(...hidden));
  const rows = [...table.rows.values()].map((row) =>
    Object.fromEntries(table.columns.flatMap(({ name: column }, at) => (row[at] === null ? [] : [[column, row[at]]]))),
  );
  return { rows, fields, readable };
};

it('what a person is shown of a model follows from what the person is shown of its systems', () => {
  expect(seen('account').rows).toEqual([
    { crm_id: 'a1', name: 'One', industry: 'Mining' },
    { crm_id: 'a2', name: 'Two' },
    { name: 'Nine', industry: 'Nine' },
  ]);
  // A hidden record leaves what the other system says; a hidden field, too.
  expect(seen('account', 'Account/a1').rows[1]).toEqual({ crm_id: 'a1', name: 'Uno', industry: 'Uno' });
  expect(seen('account', 'Account.Industry').rows[0]).toEqual({ crm_id: 'a1', name: 'One', industry: 'Uno' });
  expect(seen('account', 'Account.Industry').fields.has('industry')).toBe(true);
  expect(seen('account', 'Account', 'organizations/o1', 'organizations.external_id').fields.has('crm_id')).toBe(false);
  expect(seen('account', 'Account', 'organizations').readable).toBe(false);
  expect(seen('ticket').rows).toEqual([{ ticket_id: 't1', account: 'a1', requester_email: 'u1@x.example' }]);
  expect(seen('ticket', 'users/u1', 'organizations/o1').rows).toEqual([{ ticket_id: 't1' }]);
  expect(seen('ticket', 'users').fields.has('requester_email')).toBe(false);
});

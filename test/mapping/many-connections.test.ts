import { describe, expect, it } from 'vitest';
import { connectionId } from '../../src/kernel/index.ts';
import { compileCatalogue } from '../../src/mapping/index.ts';
import { integration, manifestOf, model, modelField } from './hand-made.ts';
import { build, field, object, openDuck, rows, stream } from './support.ts';

/** Counted in bits up to 63, and one by one beyond. */
describe.each([3, 63, 64, 70])('a model that %i connections feed', (count) => {
  const names = Array.from({ length: count }, (_, at) => `system_${String(at).padStart(2, '0')}`);
  const [first = '', ...others] = names;
  const last = others.at(-1) ?? '';
  const fields = { vat: 'Vat', site: 'Site' };
  const feeds = names.map((name) => integration(name, { Account: { model: 'account', fields } }));
  const keys = [modelField('vat', 'string'), modelField('site', 'string')];
  const account = model('account', keys, [
    ['vat', 'exact'],
    ['site', 'exact'],
  ]);
  const native = object('Account', [field('Vat', 'string'), field('Site', 'string')]);
  const streams = names.map((name, at) => ({ ...stream(name, native), connection: connectionId(at + 1) }));
  const catalogue = compileCatalogue(manifestOf([account], feeds), streams);

  /** The ids of each row that has more than one. */
  async function grouped(records: Parameters<typeof build>[2]): Promise<unknown[][]> {
    const duck = await openDuck();
    await build(duck, catalogue, records);
    const groups = await rows(duck, `from ${catalogue.objects.get('account')?.merge?.groups ?? ''}`);
    return groups.map((group) => Object.values(group).filter((id) => id !== null));
  }

  it('makes rows of the records that the first and the last of them share', async () => {
    const records = {
      [`${first}.Account`]: [
        { _id: 'a', Vat: '1' },
        { _id: 'b', Vat: '2' },
      ],
      [`${others.at(-2) ?? ''}.Account`]: [{ _id: 'x', Vat: '1' }],
      [`${last}.Account`]: [
        { _id: 'y', Vat: '1' },
        { _id: 'z', Vat: '2' },
        { _id: 'zz', Vat: '2' },
      ],
    };
    expect(await grouped(records)).toEqual([['a', 'x', 'y']]);
  });

  it('joins nothing by a key that would put two records of one of them together', async () => {
    const records = {
      [`${first}.Account`]: [
        { _id: 'a', Vat: '1' },
        { _id: 'b', Site: 's' },
      ],
      [`${last}.Account`]: [{ _id: 'y', Vat: '1', Site: 's' }],
    };
    expect(await grouped(records)).toEqual([['a', 'y']]);
  });
});

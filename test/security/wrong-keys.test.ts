import { expect, it } from 'vitest';
import type { TokenLookup } from '../../src/app/callers/token-lookup.ts';
import { createOperatorLookup, createOperatorUseCases } from '../../src/app/identity/operators.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';

const open = openerOf('pglite');

it('a wrong operator’s key is looked up once for a request that asks twice, and a key that is made then is good at once', async () => {
  const db = await open();
  let asked = 0;
  const counted: Db = {
    ...db,
    query: (text, params) => {
      asked += 1;
      return db.query(text, params);
    },
  };
  const tokens: TokenLookup = {
    find: async () => null,
    tenantOf: async () => null,
    isStanding: async () => false,
    forgetAll: () => undefined,
  };
  // Time stands still: what is remembered for a moment is remembered.
  const clock = { ...systemClock, monotonicMs: () => 0 };
  const lookup = createOperatorLookup({
    db: counted,
    clock,
    tokens,
    isAgentClient: async () => false,
    operatorKey: null,
  });
  const wrong = `gto_${'x'.repeat(43)}`;
  expect([await lookup.find(wrong), await lookup.find(wrong), asked]).toEqual([null, null, 1]);
  const operators = createOperatorUseCases({ db, random: systemRandom, onEvent: () => undefined });
  const made = await operators.add({ name: 'operator' }, { name: 'ida', role: 'viewer', expiresInDays: null });
  const { key } = made as unknown as { readonly key: string };
  expect([await lookup.find(key), await lookup.find(key), asked]).toEqual([
    { name: 'ida', role: 'viewer' },
    { name: 'ida', role: 'viewer' },
    2,
  ]);
  await operators.remove({ name: 'operator' }, { name: 'ida' });
  lookup.forgetAll();
  expect(await lookup.find(key)).toBeNull();
});

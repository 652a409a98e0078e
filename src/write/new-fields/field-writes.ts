import type { SessionFields, SessionWrites, Settled, WriteOutcome, WriteWay } from '../../connectors/index.ts';
import { wishIn } from './new-field.ts';

const FORM = 'single';

/**
 * Fields that are made, as writes: so they are kept, sent once, found out and
 * told of as everything else is. One goes at a time; there is no way back, and
 * nothing stood there before.
 */
export function fieldWrites({ createField, findField, settleMs }: SessionFields): SessionWrites {
  const way: WriteWay = {
    dedupe: 'chosen_id',
    forms: [{ name: FORM, recordsMax: 1, recordsFrom: 1, job: false }],
    reversibility: 'none',
    sideEffects: [],
    conditional: false,
    keyField: null,
    settleMs,
  };
  return {
    wayOf: () => ({ kind: 'way', way }),
    callsFor: (_object, _operation, _form, records) => records,
    send: async ({ object, items, beforeSend }) => {
      const outcomes: WriteOutcome[] = [];
      for (const { key, values } of items)
        outcomes.push(await createField({ object, wish: wishIn(values), key }, beforeSend));
      return outcomes;
    },
    settle: async ({ object, items }) => {
      const settled: Settled[] = [];
      for (const { key, values } of items) settled.push(await findField({ object, wish: wishIn(values), key }));
      return settled;
    },
    readImages: () => Promise.resolve([]),
    findBy: () => Promise.resolve(new Map()),
  };
}

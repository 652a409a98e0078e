import { newTally, type Suite } from '../suite.ts';
import { costOfWrongKeys } from './wrong-keys.ts';
import { depthOnEveryDoor, sizeOnEveryDoor } from './sizes.ts';
import { rates } from './rates.ts';

/** Nobody holds others up by asking too much, too large, too deep or too often. */
export const denial: Suite = {
  name: 'denial',
  what: 'floods of wrong keys, and size, depth and rate at every door',
  run: async ({ stage: open, impatient }) => {
    const tally = newTally({ impatient });
    const stage = await open();
    await sizeOnEveryDoor(stage, tally);
    await depthOnEveryDoor(stage, tally);
    await rates(stage, tally);
    await costOfWrongKeys(stage, tally);
    const [row] = await stage.rows('globex/renewals-copilot', 'query_records', {
      object: 'account',
      measures: [{ count: '*' }],
    });
    tally.check(Number(row?.[0]) > 10, () => 'after all of it a customer is not answered');
    return tally.result();
  },
};

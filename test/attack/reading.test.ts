import { afterAll, beforeAll, describe } from 'vitest';
import { hiddenRecords } from './hidden-records.ts';
import { hostileArguments } from './hostile-arguments.ts';
import { narrowAgent } from './narrow-agent.ts';
import { otherCustomers } from './other-customers.ts';
import { openAttackStage, type AttackStage } from './stage.ts';

/** An attacker holds one agent's key and has both doors before him; the systems behind are real in all but name. */
describe('somebody with a stolen key', () => {
  let stage: AttackStage;
  beforeAll(async () => {
    stage = await openAttackStage();
  });
  afterAll(() => stage.close());

  otherCustomers(() => stage);
  narrowAgent(() => stage);
  hostileArguments(() => stage);
  hiddenRecords(() => stage);
});

/** A process of its own that calls until its budget refuses. Arguments: database, address, purpose. Prints how often it was let through. */
import { GantryError } from '../../src/kernel/index.ts';
import { openPostgres } from '../../src/store/index.ts';
import { client, testBudgets } from './fixture.ts';

const [databaseUrl = '', url = '', purpose = ''] = process.argv.slice(2);
const db = await openPostgres({ connectionString: databaseUrl });
const budgets = await testBudgets(db);
const call = client(budgets, url, { purpose: purpose === 'interactive' ? 'interactive' : 'background' });
let made = 0;
const untilRefused = async (lane: number): Promise<void> => {
  for (;;) {
    try {
      await call({ path: `/things/${String(process.pid)}/${String(lane)}/${String(made)}` });
      made += 1;
    } catch (error) {
      if (error instanceof GantryError && error.code === 'upstream_rate_limited') return;
      throw error;
    }
  }
};
await Promise.all([1, 2, 3].map(untilRefused));
await budgets.close();
await db.close();
process.stdout.write(`${JSON.stringify({ made })}\n`);

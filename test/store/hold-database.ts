import { once } from 'node:events';
import { GantryError } from '../../src/kernel/index.ts';
import { openPglite } from '../../src/store/index.ts';

/** Opens the directory, writes a row, says so and waits to be ended. Started by embedded.test.ts. */
const [dataDir = '', row = '0'] = process.argv.slice(2);
try {
  const db = await openPglite({ dataDir, lockWaitMs: 0 });
  await db.query('create table if not exists kept (n int)');
  await db.query('insert into kept values ($1)', [Number(row)]);
  process.stdout.write('open\n');
  await once(process.stdin, 'data');
  await db.close();
} catch (error) {
  if (!(error instanceof GantryError)) throw error;
  process.stdout.write(`${JSON.stringify(error.toBody())}\n`);
}
process.exit(0);

import fc from 'fast-check';
import { statement } from '../../test/query/sql-generate.ts';
import { newTally, type Suite, type Tally } from '../suite.ts';
import { attempts, heavyKinds, refusedKinds } from './attempts.ts';
import { filterAttempts } from './filter-attempts.ts';
import { fuzzFunctions } from './fuzz-functions.ts';
import { openHostileWorld, type HostileWorld } from './hostile-world.ts';
import { judge } from './judge.ts';

const STATEMENTS = 150;

/** No statement or filter tells of rows and fields that the caller is not shown, and none holds others up. */
export const hostileSql: Suite = {
  name: 'hostile_sql',
  what: 'hidden rows and fields against SQL and filters, and every function against a lens without them',
  run: async ({ seed, impatient }) => {
    const tally = newTally({ impatient });
    const world = await openHostileWorld();
    try {
      for (const [kind, texts] of Object.entries(attempts)) {
        for (const text of texts) await attempt(world, tally, kind, text);
      }
      for (const request of filterAttempts) {
        const what = JSON.stringify(request).slice(0, 300);
        judge(tally, `filters: ${what}`, await world.records(request), what);
      }
      const models = [...world.fields.keys()].filter((name) => !name.includes('.') && name !== 'user');
      const fields = (model: string): readonly string[] => world.fields.get(model) ?? [];
      for (const sql of fc.sample(statement(models, fields), { numRuns: STATEMENTS, seed })) {
        judge(tally, `random: ${sql}`, await world.sql(sql), sql);
      }
      await fuzzFunctions(world, tally, seed);
      tally.check(await world.control(), () => 'after all of it a colleague is not answered rightly');
    } finally {
      await world.close();
    }
    return tally.result();
  },
};

async function attempt(world: HostileWorld, tally: Tally, kind: string, text: string): Promise<void> {
  const told = `${kind}: ${text.slice(0, 300)}`;
  if (!heavyKinds.has(kind)) {
    const answers = await world.sql(text);
    judge(tally, told, answers, text);
    tally.check(!refusedKinds.has(kind) || 'code' in answers[0], () => `${told}: it is answered`);
    return;
  }
  const [answers, control] = await Promise.all([world.sql(text), world.control()]);
  judge(tally, told, answers, text);
  tally.check(control, () => `${told}: a colleague who asked meanwhile was not answered rightly`);
}

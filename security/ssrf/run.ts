import type { LookupAddress } from 'node:dns';
import { guardedLookup } from '../../src/kernel/guarded-lookup.ts';
import { newTally, type Suite, type Tally } from '../suite.ts';
import { askForKeys, doorsFor, followers } from './doors.ts';
import { withAttackersNames } from './names.ts';
import { openTrap, type Trap } from './trap.ts';
import { vectors } from './vectors.ts';

const REDIRECTS = [301, 302, 303, 307, 308];

/** No address that somebody outside may set makes us call our own network. */
export const ssrf: Suite = {
  name: 'ssrf',
  what: 'addresses that lead inside, at every place where somebody may set one',
  run: async ({ impatient }) => {
    const tally = newTally({ impatient });
    const trap = await openTrap();
    try {
      await withAttackersNames(async () => {
        for (const vector of vectors) await atEveryDoor(tally, trap, vector.replaceAll('PORT', String(trap.port)));
      });
      for (const { name, call } of followers) {
        for (const status of REDIRECTS) {
          const before = trap.reached();
          await call(trap.redirector(status)).catch(() => undefined);
          tally.check(trap.reached() === before, () => `${name} follows an answer of ${String(status)}`);
        }
      }
      await rebinding(tally);
    } finally {
      trap.close();
    }
    return tally.result();
  },
};

async function atEveryDoor(tally: Tally, trap: Trap, address: string): Promise<void> {
  for (const { name, call } of doorsFor(false)) {
    const before = trap.reached();
    const why = await call(address);
    tally.check(why !== null && trap.reached() === before, () =>
      trap.reached() === before ? `${name}: ${address} is not refused` : `${name}: ${address} is called`,
    );
  }
  // The operator may name keys in the clear, on this machine, too; but names that lead inside are another matter.
  if (!address.startsWith('https://')) return;
  const before = trap.reached();
  await askForKeys(address).catch(() => undefined);
  tally.check(trap.reached() === before, () => `keys of an issuer: ${address} is called`);
}

/** A name that leads outside when it is looked at first, and inside later: each connection is judged by its own look. */
async function rebinding(tally: Tally): Promise<void> {
  const outside: LookupAddress = { address: '93.184.216.34', family: 4 };
  for (const inside of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1']) {
    const answers: LookupAddress[][] = [[outside], [{ address: inside, family: inside.includes(':') ? 6 : 4 }]];
    const lookup = guardedLookup({ toLoopback: false }, (_name, _options, done) => done(null, answers.shift() ?? []));
    const look = (): Promise<string> =>
      new Promise((resolve) => {
        lookup('rebind.attacker.example', {}, (error, address) =>
          resolve(error === null ? String(address) : 'refused'),
        );
      });
    const first = await look();
    const second = await look();
    tally.check(first === outside.address && second === 'refused', () => `rebinding to ${inside}: ${first}, ${second}`);
  }
}

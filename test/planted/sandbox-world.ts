import type { PlantedDefect } from './types.ts';

export const sandboxWorldDefects: PlantedDefect[] = [
  {
    name: 'no two records of the sandbox world share a second',
    file: 'sandbox/world/stamps.ts',
    find: 'const leader = leaderOf(index);',
    replace: 'const leader = leaderOf(index) > index ? 0 : index;',
    suite: 'test/sandbox-world/times.test.ts',
  },
  {
    name: 'tickets of the sandbox world come from people of another account',
    file: 'sandbox/world/tickets.ts',
    find: 'frame.endUsers.childAt(account, below(draw(5), writers))',
    replace: 'frame.endUsers.childAt((account + 1) % frame.counts.accounts, below(draw(5), 1 + 0 * writers))',
    suite: 'test/sandbox-world/content.test.ts',
  },
  {
    name: 'the sandbox world finds children of an account by a wrong inverse',
    file: 'sandbox/world/permutation.ts',
    find: 'for (let round = ROUNDS - 1; round >= 0; round -= 1) {',
    replace: 'for (let round = ROUNDS - 1; round > 0; round -= 1) {',
    suite: 'test/sandbox-world/shape.test.ts',
  },
  {
    name: 'two contacts of an account share an address',
    file: 'sandbox/world/contacts.ts',
    find: '(mix(account + frame.keys.contacts) + ordinal) % families.length',
    replace: '(mix(account + frame.keys.contacts) + 0 * ordinal) % families.length',
    suite: 'test/sandbox-world/content.test.ts',
  },
  {
    name: 'an anchor on a day that its month has not moves into the next month',
    file: 'sandbox/read-arguments.ts',
    find: 'if (isDay && !Number.isNaN(date.getTime()))',
    replace: 'if (!Number.isNaN(date.getTime()))',
    suite: 'test/sandbox-kit/main.test.ts',
  },
];

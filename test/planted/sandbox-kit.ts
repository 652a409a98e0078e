import type { PlantedDefect } from './types.ts';

export const sandboxKitDefects: PlantedDefect[] = [
  {
    name: 'a sandbox calls whoever it is told to',
    file: 'sandbox/kit/delivery/post.ts',
    find: 'url === null || !isLoopback(url)',
    replace: 'url === null',
    suite: 'test/sandbox-kit/deliveries.test.ts',
  },
  {
    name: 'one receiver that hangs holds all others',
    file: 'sandbox/kit/delivery/lanes.ts',
    find: 'const { source } = item.message;',
    replace: "const source = 'all';",
    suite: 'test/sandbox-kit/deliveries.test.ts',
  },
  {
    name: 'a request that was given up for its time is sent again by itself',
    file: 'sandbox/kit/delivery/post.ts',
    find: 'const stale = !over && ',
    replace: 'const stale = ',
    suite: 'test/sandbox-zendesk/webhooks.test.ts',
  },
  {
    name: 'a batch to be reordered leaves in its order',
    file: 'sandbox/kit/delivery/deliveries.ts',
    find: 'inTurn(parts, disordered(batch, seed))',
    replace: 'inTurn(parts, batch)',
    suite: 'test/sandbox-kit/deliveries.test.ts',
  },
];

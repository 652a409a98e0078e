import type { PlantedDefect } from './types.ts';

export const authDefects: PlantedDefect[] = [
  {
    name: 'OAuth 1.0a signs parameters in the order in which they come',
    file: 'src/connectors/kit/oauth1.ts',
    find: '.toSorted(([a, x], [b, y]) => byteOrder(a, b) || byteOrder(x, y))',
    replace: '',
    suite: 'test/connectors/auth-oauth1.test.ts',
  },
  {
    name: 'the client secret is joined to the id as it is',
    file: 'src/connectors/kit/auth-grants.ts',
    find: '${percentEncoded(id)}:${percentEncoded(secret)}',
    replace: '${id}:${secret}',
    suite: 'test/connectors/auth.test.ts',
  },
  {
    name: 'calls to providers find a way around the outbound proxy',
    file: 'src/kernel/send.ts',
    find: ': place.startsWith(TO_PROVIDERS)',
    replace: ': place === TO_PROVIDERS',
    suite: 'test/connectors/outbound-proxy.test.ts',
  },
  {
    name: 'a customer’s address leads into our own network by its name',
    file: 'src/kernel/send.ts',
    find: 'proxy ?? providerDispatcher(url)',
    replace: 'proxy',
    suite: 'test/connectors/private-address.test.ts',
  },
];

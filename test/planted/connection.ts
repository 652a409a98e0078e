import type { PlantedDefect } from './types.ts';

export const connectionDefects: PlantedDefect[] = [
  {
    name: 'a key is sent to an address in our own network',
    file: 'src/connection/host-matches.ts',
    find: "if (hostname.startsWith('[') || /^[\\d.]+$/.test(hostname)) return false;",
    replace: '',
    suite: 'test/connection/credential-values.test.ts',
  },
  {
    name: 'credentials of another account take over a connection',
    file: 'src/connection/connect-with-credentials.ts',
    find: 'if (known !== null) refuseOtherAccount(known, account);',
    replace: '',
    suite: 'test/connection/credentials.test.ts',
  },
  {
    name: 'a revoked key does not end the grant',
    file: 'src/connection/provider-access.ts',
    find: "error.code !== 'credentials_refused') throw error;",
    replace: "error.code !== 'credentials_refused' || true) throw error;",
    suite: 'test/connection/credentials.test.ts',
  },
];

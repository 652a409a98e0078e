import { connectorRegistry, requireConnector, type Cursor } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { signIn, type TestSandbox } from '../support/sandbox.ts';
import { startRecorder, type RecordedCall } from './recorder.ts';

const PAGES_MAX = 500;

/**
 * Everything that a connector asks of its provider when a customer is
 * connected and synchronised: sign-in, identity, discovery, counts, a first
 * reading of the named objects, `change`, a second reading, a renewed token.
 */
export async function recordSync(
  sandbox: TestSandbox,
  provider: string,
  objects: readonly string[],
  change: () => Promise<void>,
): Promise<readonly RecordedCall[]> {
  const recorder = await startRecorder(sandbox.url);
  try {
    const connector = requireConnector(
      connectorRegistry({ clock: { ...systemClock, sleep: async () => {} }, random: systemRandom }),
      provider,
    );
    const seen: TestSandbox = {
      ...sandbox,
      url: recorder.url,
      app: { ...sandbox.app, loginUrl: recorder.url },
    };
    const { access } = await signIn(seen, connector);
    const session = connector.open(access);
    await session.identify();
    await session.listObjects();
    const cursors = new Map<string, Cursor>();
    const readAll = async (): Promise<void> => {
      for (const name of objects) {
        const object = await session.describeObject(name);
        await session.countRecords(name);
        let cursor = cursors.get(name) ?? null;
        for (let page = 0, more = true; more; page += 1) {
          if (page > PAGES_MAX) throw new Error(`reading ${name} does not come to an end`);
          const answer = await session.readPage({ object, cursor });
          ({ cursor, more } = answer);
          cursors.set(name, cursor);
        }
        for (let after: string | null = null, more = true; more && session.listIds !== undefined;) {
          const ids = await session.listIds(object, after);
          after = ids.ids.at(-1) ?? null;
          ({ more } = ids);
        }
      }
    };
    await readAll();
    await change();
    await sandbox.control('POST', 'revoke', { accessOnly: true });
    await readAll();
    return [...recorder.calls];
  } finally {
    await recorder.stop();
  }
}

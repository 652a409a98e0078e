import { afterAll, describe, expect, it } from 'vitest';
import { openBackupPlace, withClient } from '../support/backup.ts';

describe('a base backup that is copied by hand', () => {
  const cleanUp: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const clean of cleanUp.toReversed()) await clean();
  });

  it('brings a server back to a moment', async () => {
    const place = await openBackupPlace();
    cleanUp.push(() => place.remove());
    const server = await place.start();
    cleanUp.push(() => server.stop());
    const write = (text: string) =>
      withClient(server.url, (client) => client.query('insert into note values ($1)', [text]));
    await withClient(server.url, (client) => client.query('create table note (text text)'));
    await write('before the backup');
    await place.backup(server, 'hand');
    await write('after the backup');
    const moment = await place.settle(server);
    await write('lost');
    await server.stop();
    const restored = await place.restore(moment);
    cleanUp.push(() => restored.stop());
    const { rows } = await withClient(restored.url, (client) => client.query('select text from note'));
    expect(rows).toEqual([{ text: 'before the backup' }, { text: 'after the backup' }]);
  });
});

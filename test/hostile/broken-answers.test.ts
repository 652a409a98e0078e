import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import type { Call, Mangle } from './mangling-proxy.ts';
import { rigOf, suffers, type Rig, type RunOptions } from './rig.ts';
import { ways } from './ways.ts';

interface Fault {
  readonly name: string;
  readonly how: Mangle;
  readonly codes: readonly string[];
  readonly options?: RunOptions;
}

const MALFORMED = ['upstream_malformed'];
/** A website in front of an Odoo sends callers elsewhere where it does not know the address. */
const NOT_THERE = ['upstream_malformed', 'upstream_object_missing'];
const UNAVAILABLE = ['upstream_unavailable'];

const faults: readonly Fault[] = [
  {
    name: 'an HTML page with status 200',
    how: (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Maintenance</body></html>'),
    codes: MALFORMED,
  },
  {
    name: 'an HTML page with status 502',
    how: (_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>'),
    codes: UNAVAILABLE,
  },
  { name: 'an empty body', how: ({ headers }, response) => response.writeHead(200, headers).end(), codes: MALFORMED },
  {
    name: 'half of the body',
    how: ({ headers, body }, response) => response.writeHead(200, headers).end(body.subarray(0, body.length >> 1)),
    codes: MALFORMED,
  },
  {
    name: 'less than it announced',
    how: ({ headers, body }, response) => {
      response.writeHead(200, { ...headers, 'content-length': String(body.length) });
      response.write(body.subarray(0, body.length - 2), () => response.socket?.destroy());
    },
    codes: UNAVAILABLE,
  },
  {
    name: 'gzip that is none',
    how: ({ headers, body }, response) => response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(body),
    codes: MALFORMED,
  },
  {
    name: 'gzip that stops short',
    how: ({ headers, body }, response) => {
      const zipped = gzipSync(body);
      response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(zipped.subarray(0, zipped.length >> 1));
    },
    codes: MALFORMED,
  },
  {
    name: 'gzip that grows a thousandfold',
    how: ({ headers }, response) => response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(bomb()),
    codes: ['upstream_too_large'],
    options: { responseBytesMax: 2_000_000 },
  },
  {
    name: 'text that is not UTF-8',
    how: ({ headers, body }, response) =>
      response
        .writeHead(200, headers)
        .end(Buffer.concat([body.subarray(0, 60), Buffer.from([0xc3, 0x28]), body.subarray(60)])),
    codes: MALFORMED,
  },
  {
    name: 'lists in lists without end',
    how: ({ headers }, response) => response.writeHead(200, headers).end('['.repeat(100_000)),
    codes: MALFORMED,
  },
  {
    name: 'objects in objects, 100,000 deep and closed',
    how: ({ headers }, response) =>
      response.writeHead(200, headers).end(`${'{"result":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
    codes: MALFORMED,
  },
  {
    name: 'elements in elements, 100,000 deep and closed',
    how: ({ headers }, response) =>
      response
        .writeHead(200, headers)
        .end(
          `<methodResponse><params><param>${'<value><array><data>'.repeat(30_000)}${'</data></array></value>'.repeat(30_000)}</param></params></methodResponse>`,
        ),
    codes: MALFORMED,
  },
  {
    name: 'a redirect to itself',
    how: (_, response, { url }) => response.writeHead(302, { location: url }).end(),
    codes: NOT_THERE,
  },
  {
    name: 'a redirect to another host',
    how: (_, response) => response.writeHead(307, { location: 'http://127.0.0.1:9/collect' }).end(),
    codes: NOT_THERE,
  },
  {
    name: 'a wait of a thousand years',
    how: (_, response) => response.writeHead(429, { 'retry-after': '31556952000' }).end('{}'),
    codes: ['upstream_rate_limited'],
  },
  {
    name: 'a wait beyond all dates',
    how: (_, response) => response.writeHead(429, { 'retry-after': '9e300' }).end('{}'),
    codes: ['upstream_rate_limited'],
  },
  {
    name: 'a wait that is over',
    how: (_, response) => response.writeHead(503, { 'retry-after': '-5' }).end('{}'),
    codes: UNAVAILABLE,
  },
  {
    name: 'a wait that is no number',
    how: (_, response) => response.writeHead(429, { 'retry-after': 'soon\t' }).end('{}'),
    codes: ['upstream_rate_limited'],
  },
  {
    name: 'a refused token, whatever the token',
    how: (_, response) => response.writeHead(401).end('{}'),
    codes: ['connection_reauth_required'],
  },
  {
    name: 'a byte now and then, for ever',
    how: ({ headers }, response) => {
      response.writeHead(200, headers);
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
    codes: UNAVAILABLE,
    options: { deadlineMs: 400 },
  },
  {
    name: 'nothing at all, for ever',
    how: () => undefined,
    codes: UNAVAILABLE,
    options: { deadlineMs: 400 },
  },
];

let bombed: Buffer | null = null;
const bomb = (): Buffer => (bombed ??= gzipSync(Buffer.alloc(60_000_000, ' ')));

describe('answers that are broken', () => {
  const open = openerOf('pglite');
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });

  describe.each(Object.values(ways))('$name', (way) => {
    let sandbox: TestSandbox;
    let rig: Rig;
    beforeAll(async () => {
      sandbox = await startSandbox(way.provider, way.start);
      rig = await rigOf(db, way, sandbox);
      // A first load by job has something to lose half way; the others have it after the load.
      const report = await rig.run(undefined, way.form === 'csv' ? { pages: 1 } : {});
      expect(report.error).toBeNull();
      expect((await rig.records()).size).toBeGreaterThan(10);
    });
    afterAll(async () => {
      await rig.stop();
      await sandbox.stop();
    });

    it.each(faults)('$name', async ({ how, codes, options }) => {
      const report = await suffers(rig, how, codes, options);
      const wait = (report.error?.details.retryAt?.getTime() ?? 0) - Date.now();
      expect(wait).toBeLessThanOrEqual(24 * 3_600_000);
    });

    it('an answer without end, of which little is taken', async () => {
      let written = 0;
      const block = Buffer.alloc(64 * 1_024, ' ');
      await suffers(
        rig,
        ({ headers }, response) => {
          response.writeHead(200, headers);
          const more = (): void => {
            while (!response.destroyed && response.write(block)) written += block.length;
          };
          response.on('drain', more);
          more();
        },
        ['upstream_too_large'],
        { responseBytesMax: 2_000_000 },
      );
      expect(written).toBeLessThan(40_000_000);
    });

    it('refreshes a refused token once per call', async () => {
      const seen = rig.proxy.calls.length;
      await suffers(rig, (_, response) => response.writeHead(401).end('{}'), ['connection_reauth_required']);
      expect(rig.proxy.calls.slice(seen).filter(way.isRead)).toHaveLength(2);
    });

    it('does not hold up the object beside it, and catches up afterwards', async () => {
      // A load by job is that of its own object only.
      const job = (await rig.stream()).cursor?.['job'];
      const isRead = typeof job === 'string' ? ({ url }: Call): boolean => url.includes(job) : way.isRead;
      rig.proxy.mangle(isRead, (_, response) => response.writeHead(200).end('<html>'));
      expect((await rig.run()).error?.code).toBe('upstream_malformed');
      expect((await rig.run(way.beside)).error).toBeNull();
      expect(await rig.records(way.beside)).toEqual(await rig.truth(way.beside));
      rig.proxy.heal();
      const [id = ''] = [...(await rig.records()).keys()];
      if (way.provider === 'salesforce')
        await sandbox.mutate({ op: 'update', object: way.object, id, fields: { [way.field]: 'Danach' } });
      expect((await rig.run()).error).toBeNull();
      expect(await rig.records()).toEqual(await rig.truth());
      expect((await rig.stream()).lastError).toBeNull();
    });
  });
});

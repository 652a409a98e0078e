import { request } from 'node:http';
import { limits } from '../../src/kernel/index.ts';
import type { SecurityStage } from '../stage/security-stage.ts';
import type { Tally } from '../suite.ts';

interface Door {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly bytesMax: number;
}

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';
/** No answer: the server closed the connection. */
const HUNG_UP = 499;
const most = limits.doorBodyBytesMax;

/** Every way in that takes a body. */
const doors: readonly Door[] = [
  ...['query', 'sql', 'records/get', 'catalog/search', 'describe', 'tools/query_sql'].map((name) => ({
    method: 'POST',
    path: `/v1/${name}`,
    type: json,
    bytesMax: most,
  })),
  ...['connections', 'subscriptions', 'connect-tokens', 'principals', 'quarantine/replay', 'dead-events/drop'].map(
    (name) => ({
      method: 'POST',
      path: `/v1/${name}`,
      type: json,
      bytesMax: most,
    }),
  ),
  { method: 'PUT', path: '/v1/tenants/acme/overlay', type: json, bytesMax: most },
  { method: 'POST', path: '/mcp', type: json, bytesMax: most },
  { method: 'POST', path: `/hooks/${'a'.repeat(43)}`, type: json, bytesMax: limits.webhookBodyBytesMax },
  { method: 'POST', path: '/connect/to/crm', type: form, bytesMax: most },
  { method: 'POST', path: '/oauth/token', type: form, bytesMax: most },
];

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Bodies that say their length, bodies that do not, and bodies that lie: refused, and the server goes on. */
export async function sizeOnEveryDoor(stage: SecurityStage, tally: Tally): Promise<void> {
  for (const door of doors) {
    for (const bytes of [door.bytesMax + 1, door.bytesMax * 3]) {
      for (const told of [true, false]) {
        const { status, text } = await sent(stage, door, Buffer.alloc(bytes, 'x'), told);
        // A form is refused for what it lacks, before anybody reads how long it is.
        const refused = door.type === json ? [413, HUNG_UP].includes(status) : status >= 400 && status < 500;
        tally.check(refused, () => `${door.path} with ${String(bytes)} bytes: ${String(status)} ${text}`);
      }
    }
  }
  for (const [name, value] of [
    ['x-filler', 'x'.repeat(100_000)],
    ['cookie', 'a=b; '.repeat(20_000)],
  ] as const) {
    const { status } = await sent(stage, { method: 'GET', path: '/v1/tools', type: json, bytesMax: most }, null, true, {
      [name]: value,
    });
    tally.check(status === 431, () => `a header of 100,000 characters: ${String(status)}`);
  }
  const long = await sent(
    stage,
    { method: 'GET', path: `/v1/connections?tenant=${'x'.repeat(12_000)}`, type: json, bytesMax: most },
    null,
    true,
  );
  tally.check(long.status >= 400 && long.status < 500, () => `an address of 12,000 characters: ${String(long.status)}`);
}

const nested = (depth: number, open: string, close: string): string => `${open.repeat(depth)}1${close.repeat(depth)}`;

/** As deep as a body can be. */
export async function depthOnEveryDoor(stage: SecurityStage, tally: Tally): Promise<void> {
  const bodies = [
    nested(100_000, '[', ']'),
    nested(40_000, '{"a":', '}'),
    `{"filter":${nested(40_000, '{"not":', '}')},"object":"account"}`,
  ];
  for (const door of doors.filter(({ type }) => type === json)) {
    for (const body of bodies) {
      const { status, text } = await sent(stage, door, Buffer.from(body), true);
      tally.check(
        status >= 400 && status < 500,
        () => `${door.path} with depth: ${String(status)} ${text.slice(0, 200)}`,
      );
    }
  }
}

/** A body as it is, with its length or in pieces; resolves with the answer, or `HUNG_UP`. */
function sent(
  stage: SecurityStage,
  { method, path, type }: Door,
  body: Buffer | null,
  told: boolean,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const key =
    path.startsWith('/v1/') && !/query|sql|records|catalog|describe|tools/.test(path)
      ? stage.operatorKey
      : stage.keys['acme/renewals-copilot'];
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': type,
    accept: 'application/json, text/event-stream',
    ...more,
  };
  return new Promise((resolve) => {
    const length = body === null || !told ? {} : { 'content-length': String(body.length) };
    const call = request(`${stage.url}${path}`, { method, headers: { ...headers, ...length } }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', () => resolve({ status: response.statusCode ?? HUNG_UP, text }));
    });
    call.on('error', () => resolve({ status: HUNG_UP, text: 'the server hung up' }));
    // Given to `end`, a whole body would be sent with its length.
    if (body !== null && !told) call.write(body);
    call.end(body === null || !told ? undefined : body);
  });
}

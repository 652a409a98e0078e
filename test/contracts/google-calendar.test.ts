import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sellerOf, startCalendars } from '../sandbox-google-calendar/client.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { readDeclaredTypes, type JsonSchema } from './declared-types.ts';
import { recordSync } from './record-sync.ts';
import type { RecordedCall } from './recorder.ts';

/** Google generates these types from the API's discovery document. */
const types = readDeclaredTypes(createRequire(import.meta.url).resolve('@googleapis/calendar/build/v3.d.ts'));

interface Method {
  readonly path: RegExp;
  readonly parameters: string;
  readonly answer: string;
}

const METHODS: readonly Method[] = [
  { path: /^users\/me\/calendarList$/, parameters: 'Calendarlist$List', answer: 'CalendarList' },
  { path: /^users\/me\/calendarList\/[^/]+$/, parameters: 'Calendarlist$Get', answer: 'CalendarListEntry' },
  { path: /^calendars\/[^/]+$/, parameters: 'Calendars$Get', answer: 'Calendar' },
  { path: /^calendars\/[^/]+\/events$/, parameters: 'Events$List', answer: 'Events' },
  { path: /^calendars\/[^/]+\/events\/[^/]+$/, parameters: 'Events$Get', answer: 'Event' },
];

const ajv = new Ajv({ strict: false, allErrors: true });
const checks = new Map(METHODS.map(({ answer }) => [answer, ajv.compile(types.schema(`Schema$${answer}`))]));

function methodOf(call: RecordedCall): Method | undefined {
  return METHODS.find(({ path }) => path.test(call.path.slice('/calendar/v3/'.length)));
}

/** Parameters that the method does not have, and values of another type. */
function queryProblems({ parameters }: Method, query: URLSearchParams): readonly string[] {
  const known = { ...types.properties(`Params$Resource$${parameters}`), ...types.properties('StandardParameters') };
  return [...query].flatMap(([name, value]) => {
    const schema = known[name];
    if (schema === undefined) return [`${name} is not documented`];
    return fits(schema, value) ? [] : [`${name}=${value} is no ${JSON.stringify(schema)}`];
  });
}

function fits({ type }: JsonSchema, value: string): boolean {
  if (type === 'number') return /^\d+$/.test(value);
  return type !== 'boolean' || value === 'true' || value === 'false';
}

function answerProblem({ answer }: Method, body: unknown): string | null {
  const check = checks.get(answer);
  return check?.(body) === true ? null : ajv.errorsText(check?.errors);
}

describe('what the connector asks of Google Calendar stands in its discovery document', () => {
  let sandbox: TestSandbox;
  let calls: readonly RecordedCall[];
  beforeAll(async () => {
    sandbox = await startCalendars({ scale: 2_000 });
    calls = await recordSync(sandbox, 'google_calendar', ['calendars', 'events'], async () => {
      const fields = { summary: 'new', calendarId: sellerOf(sandbox).username };
      const { id } = await sandbox.mutate({ op: 'create', object: 'events', fields });
      await sandbox.mutate({ op: 'delete', object: 'events', id });
      await sandbox.control('POST', 'limits', { expireSyncTokens: true });
    });
  });
  afterAll(() => sandbox.stop());

  const api = () => calls.filter(({ path }) => path.startsWith('/calendar/v3/'));

  it('every path and method', () => {
    expect(api().filter((call) => call.method !== 'GET' || methodOf(call) === undefined)).toEqual([]);
    expect(api().some((call) => methodOf(call)?.answer === 'Events' && call.query.has('syncToken'))).toBe(true);
    expect(api().some(({ status }) => status === 410)).toBe(true);
  });

  it('every parameter, with a value of its type', () => {
    const problems = api().flatMap((call) => {
      const method = methodOf(call);
      return method === undefined ? [] : queryProblems(method, call.query).map((text) => `${call.path}: ${text}`);
    });
    expect(problems).toEqual([]);
  });

  it('the token calls: a form with the fields of the flow', () => {
    const grants = calls
      .filter(({ path }) => path === '/token')
      .map(({ contentType, requestBody }) => {
        expect(contentType).toMatch(/^application\/x-www-form-urlencoded/);
        return new URLSearchParams(requestBody);
      });
    const documented = ['grant_type', 'code', 'client_id', 'client_secret', 'redirect_uri', 'code_verifier'];
    for (const fields of grants)
      expect([...fields.keys()].filter((name) => ![...documented, 'refresh_token'].includes(name))).toEqual([]);
    expect(grants.map((fields) => fields.get('grant_type'))).toEqual(['authorization_code', 'refresh_token']);
    const [page] = calls.filter(({ path }) => path === '/o/oauth2/v2/auth');
    expect(page?.query.get('access_type')).toBe('offline');
  });

  it('and every answer of the sandbox fits it', () => {
    const answered = api().filter(({ status }) => status === 200);
    const problems = answered.flatMap((call) => {
      const method = methodOf(call);
      const problem = method === undefined ? null : answerProblem(method, JSON.parse(call.responseBody) as unknown);
      return problem === null ? [] : [`${call.path}: ${problem.slice(0, 300)}`];
    });
    expect(problems).toEqual([]);
    const items = answered.flatMap(
      ({ responseBody }) => (JSON.parse(responseBody) as { items?: unknown[] }).items ?? [],
    );
    expect(items.length).toBeGreaterThan(100);
  });

  it('would be noticed if they did not', () => {
    const events = METHODS[3];
    if (events === undefined) throw new Error('no method');
    const asked = new URLSearchParams({ maxResults: 'many', singleEvents: 'yes', page_token: 'x', q: 'fine' });
    expect(queryProblems(events, asked)).toHaveLength(3);
    const event = { id: 'a', start: { dateTime: 5 }, attendees: [{ mail: 'a@b.example' }] };
    expect(answerProblem(events, { items: [event] })).toMatch(/dateTime.*mail|mail.*dateTime|additional/s);
    expect(answerProblem(events, { items: [{ id: 'a', unheardOf: 1 }] })).not.toBeNull();
  });
});

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { loadContract, type Contract } from './openapi.ts';
import { recordSync } from './record-sync.ts';
import { recordWrites } from './record-writes.ts';
import type { RecordedCall } from './recorder.ts';

/** OpenAPI documents of Zendesk Support; outside the repository, because nobody gave them a licence. */
const folder = fileURLToPath(new URL('../../../shared/contracts/zendesk/', import.meta.url));
const present = existsSync(folder);

/** What the connector calls although no document has it, and why. */
const UNDOCUMENTED: Readonly<Record<string, string>> = {
  'GET /api/v2/account': "the account's own name; the product's pages call it",
};

const whole = { type: 'integer' } as const;
const query = 'query' as const;

function zendeskContract(): Contract {
  return loadContract({
    folder,
    suffix: '.yml',
    // The documents were split by topic and lost the parameters that topics share; these are of "Incremental Exports".
    referred: {
      IncrementalUnixTime: { name: 'start_time', in: query, schema: whole },
      IncrementalCursor: { name: 'cursor', in: query, schema: { type: 'string' } },
      // Of "Show Many" and the calls for many: at most 100, parted by commas.
      TicketIds: { name: 'ids', in: query, schema: { type: 'string' } },
      OrganizationIds: { name: 'ids', in: query, schema: { type: 'string' } },
      OrganizationExternalIds: { name: 'external_ids', in: query, schema: { type: 'string' } },
      IncrementalPage: { name: 'per_page', in: query, schema: { ...whole, minimum: 1, maximum: 1_000 } },
    },
    // Of "Pagination" and "Using the Incremental Exports API".
    everywhere: [
      { name: 'page', in: query, schema: whole },
      { name: 'per_page', in: query, schema: { ...whole, minimum: 1, maximum: 1_000 } },
      { name: 'page[size]', in: query, schema: { ...whole, minimum: 1, maximum: 100 } },
      { name: 'page[after]', in: query },
      { name: 'page[before]', in: query },
    ],
    aliases: { TicketObject: 'Ticket', UserObject: 'User', OrganizationObject: 'Organization' },
    normalised: (path) => path.replace(/\.json$/, ''),
  });
}

describe.skipIf(!present)(
  `what the connector asks of Zendesk stands in its documents${present ? '' : ' (skipped: ../shared/contracts is absent)'}`,
  () => {
    let sandbox: TestSandbox;
    let calls: readonly RecordedCall[];
    let contract: Contract;
    beforeAll(async () => {
      contract = zendeskContract();
      sandbox = await startSandbox('zendesk', { scale: 3_000 });
      await sandbox.control('POST', 'limits', {
        perMinute: 1_000_000,
        incrementalPerMinute: 1_000_000,
        incrementalExclusionS: 0,
      });
      calls = await recordSync(sandbox, 'zendesk', ['tickets', 'organizations', 'users'], async () => {
        await sandbox.mutate({ op: 'update', object: 'tickets', id: '3', fields: { subject: 'changed' } });
        await sandbox.mutate({ op: 'delete', object: 'tickets', id: '4' });
      });
    });
    afterAll(() => sandbox.stop());

    const api = () => calls.filter(({ path }) => path.startsWith('/api/v2/'));

    it('every path and method, but for those that are named here', () => {
      const unknown = api()
        .filter((call) => contract.operationOf(call) === null)
        .map(({ method, path }) => `${method} ${path.replace(/\.json$/, '')}`);
      expect(new Set(unknown)).toEqual(new Set(Object.keys(UNDOCUMENTED)));
      expect(new Set(api().map(({ path }) => path)).size).toBeGreaterThan(8);
    });

    it('every parameter, with a value of its type', () => {
      const problems = api().flatMap((call) => {
        const operation = contract.operationOf(call);
        if (operation === null) return [];
        return contract.queryProblems(operation, call.query).map((problem) => `${call.path}: ${problem}`);
      });
      expect(problems).toEqual([]);
      expect(api().some((call) => call.query.has('cursor'))).toBe(true);
      expect(api().some((call) => call.query.has('start_time'))).toBe(true);
      expect(api().every(({ query: asked }) => !asked.has('cursor') || !asked.has('start_time'))).toBe(true);
    });

    it('the token calls: JSON, with fields that the page lists', () => {
      const tokenCalls = calls.filter(({ path }) => path === '/oauth/tokens');
      const [first] = tokenCalls;
      const operation = first === undefined ? null : contract.operationOf(first);
      const documented = [...(operation?.description ?? '').matchAll(/^\| (\w+)\s+\|/gm)].map(([, name]) => name);
      expect(documented).toContain('refresh_token_expires_in');
      for (const call of tokenCalls) {
        expect(call.contentType).toMatch(/^application\/json/);
        const fields = Object.keys(JSON.parse(call.requestBody) as object);
        // The page's example sends it; its table leaves it out.
        expect(fields.filter((name) => name !== 'code_verifier' && !documented.includes(name))).toEqual([]);
      }
      const grants = tokenCalls.map(
        ({ requestBody }) => (JSON.parse(requestBody) as { grant_type: string }).grant_type,
      );
      expect(grants).toEqual(['authorization_code', 'refresh_token']);
    });

    it('and every answer of the sandbox fits them', () => {
      const answered = api().filter(({ status }) => status === 200);
      const problems = answered.flatMap((call) => {
        const operation = contract.operationOf(call);
        const problem =
          operation === null
            ? null
            : contract.answerProblem(operation, withoutDeleted(JSON.parse(call.responseBody) as object));
        return problem === null ? [] : [`${call.path}: ${problem.slice(0, 300)}`];
      });
      expect(problems).toEqual([]);
      expect(answered.filter((call) => (contract.operationOf(call)?.response ?? null) !== null).length).toBeGreaterThan(
        8,
      );
    });

    it('every call that writes, with parameters and answers as they say', async () => {
      await sandbox.control('POST', 'limits', { jobQueueMs: 0, jobStepMs: 0 });
      const written = await recordWrites(sandbox, 'zendesk', [
        {
          object: 'tickets',
          values: (n) => ({ subject: `Ticket ${n}`, description: 'Text', priority: 'low' }),
          change: { priority: 'high' },
        },
        {
          object: 'users',
          values: (n) => ({ name: `Person ${n}` }),
          change: { notes: 'geändert' },
          match: 'external_id',
        },
        {
          object: 'organizations',
          values: (n) => ({ name: `Neue Firma ${n}` }),
          change: { notes: 'geändert' },
          match: 'external_id',
        },
      ]);
      const asked = written.filter(({ path }) => path.startsWith('/api/v2/'));
      const named = ({ method, path }: RecordedCall): string =>
        `${method} ${path.replace(/\.json$/, '').replace(/\/V3-\w+|\/\d+/g, '/{id}')}`;
      expect(asked.filter((call) => contract.operationOf(call) === null).map(named)).toEqual([]);
      const writing = new Set(asked.filter(({ method }) => method !== 'GET').map(named));
      expect(writing.size).toBe(6 * 3 + 2 + 1);
      const problems = asked.flatMap((call) => {
        const operation = contract.operationOf(call);
        if (operation === null) return [];
        const body = call.status === 200 || call.status === 201 ? (JSON.parse(call.responseBody) as object) : null;
        const wrong = body === null ? null : contract.answerProblem(operation, body);
        return [...contract.queryProblems(operation, call.query), ...(wrong === null ? [] : [wrong.slice(0, 300)])].map(
          (problem) => `${named(call)}: ${problem}`,
        );
      });
      expect(problems).toEqual([]);
    });

    it('would be noticed if they did not', () => {
      const [call] = api().filter(({ path }) => path.includes('/incremental/tickets/cursor'));
      if (call === undefined) throw new Error('tickets were not exported');
      const operation = contract.operationOf(call);
      if (operation === null) throw new Error('the export is not documented');
      const asked = new URLSearchParams({ start_time: 'yesterday', page_size: '5', per_page: '1001' });
      expect(contract.queryProblems(operation, asked)).toHaveLength(3);
      const body = JSON.parse(call.responseBody) as { tickets: { status: unknown }[] };
      const spoilt = { ...body, tickets: body.tickets.map((ticket) => ({ ...ticket, status: 17 })) };
      expect(contract.answerProblem(operation, spoilt)).not.toBeNull();
      expect(contract.operationOf({ ...call, path: '/api/v2/incremental/ticket/cursor' })).toBeNull();
      expect(contract.operationOf({ ...call, method: 'POST' })).toBeNull();
    });
  },
);

/**
 * Exports show deleted tickets with the status "deleted", as "Using the
 * Incremental Exports API" says; the schema of a ticket does not know it.
 */
function withoutDeleted(body: { readonly tickets?: readonly { readonly status: string }[] }): unknown {
  const { tickets, ...rest } = body;
  return tickets === undefined ? rest : { ...rest, tickets: tickets.filter(({ status }) => status !== 'deleted') };
}

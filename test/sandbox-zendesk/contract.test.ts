import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { TestSandbox } from '../support/sandbox.ts';
import { connect, rows, startHelpDesk, type Json, type ZendeskClient } from './client.ts';

/** OpenAPI documents of Zendesk Support; outside the repository, because nobody gave them a licence. */
const folder = fileURLToPath(new URL('../../../shared/contracts/zendesk/', import.meta.url));
const present = existsSync(folder);

type Schemas = Record<string, Json>;

/** OpenAPI 3.0 `nullable` as JSON Schema, and the records' shapes under the names that the split files use. */
function schemasOf(file: string): Schemas {
  const document = parse(readFileSync(`${folder}${file}`, 'utf8')) as { components: { schemas: Schemas } };
  return withNull(document.components.schemas) as Schemas;
}

function withNull(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withNull);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, example: _example, ...rest } = node as Json;
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withNull(value)]));
  return nullable === true ? { anyOf: [{ type: 'null' }, copy] } : copy;
}

describe.skipIf(!present)(
  `answers fit Zendesk's documents${present ? '' : ' (skipped: ../shared/contracts is absent)'}`,
  () => {
    let sandbox: TestSandbox;
    let client: ZendeskClient;
    let check: (name: string, value: unknown) => unknown;

    beforeAll(async () => {
      sandbox = await startHelpDesk();
      client = await connect(sandbox);
      const records = schemasOf('zendesk-support-openapi.yml');
      const schemas: Schemas = {
        ...records,
        ...schemasOf('incremental-openapi-original.yml'),
        ...schemasOf('ticket-fields-openapi-original.yml'),
        ...schemasOf('organizations-openapi-original.yml'),
        TicketObject: records['Ticket'] ?? {},
        UserObject: records['User'] ?? {},
        OrganizationObject: records['Organization'] ?? {},
      };
      const wanted = ['Ticket', 'User', 'Organization', 'Error'].concat(
        Object.keys(schemas).filter((name) =>
          /^(CursorBased|TimeBased)?ExportIncremental(Tickets|Users|Organizations)/.test(name),
        ),
      );
      const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
      check = (name, value) => {
        expect(wanted).toContain(name);
        const used = { ...schemas[name], components: { schemas: reachable(schemas, name) } };
        ajv.validate(used, value);
        return ajv.errors;
      };
    });
    afterAll(() => sandbox.stop());

    it.each([
      ['CursorBasedExportIncrementalTicketsResponse', '/api/v2/incremental/tickets/cursor.json?start_time=0'],
      ['TimeBasedExportIncrementalTicketsResponse', '/api/v2/incremental/tickets.json?start_time=0&per_page=200'],
      ['CursorBasedExportIncrementalUsersResponse', '/api/v2/incremental/users/cursor.json?start_time=0'],
      ['ExportIncrementalOrganizationsResponse', '/api/v2/incremental/organizations.json?start_time=0'],
    ])('%s', async (name, path) => {
      const { status, body } = await client.get(path);
      expect(status).toBe(200);
      expect(check(name, body)).toBeNull();
    });

    it('every documented key of a record is there', async () => {
      const objects = { Ticket: 'tickets', User: 'users', Organization: 'organizations' };
      for (const [name, object] of Object.entries(objects)) {
        const [record] = rows(await client.get(`/api/v2/${object}.json?per_page=1`), object);
        expect(check(name, record)).toBeNull();
        const documented = schemasOf('zendesk-support-openapi.yml')[name]?.['properties'] as Json;
        // These depend on products that this account has not bought.
        const absent = Object.keys(documented).filter((key) => !Object.hasOwn(record ?? {}, key));
        expect(absent.filter((key) => !['chat_only', 'remote_photo_url', 'permanently_deleted'].includes(key))).toEqual(
          [],
        );
      }
    });

    it('errors', async () => {
      expect(check('Error', (await client.get('/api/v2/tickets/999999')).body)).toBeNull();
    });

    it('would be refused if they did not fit', async () => {
      const [ticket] = rows(await client.get('/api/v2/tickets.json?per_page=1'), 'tickets');
      expect(check('Ticket', { ...ticket, status: 'unknown', requester_id: 'x' })).not.toBeNull();
    });
  },
);

/** The schemas that a schema refers to, directly or not. */
function reachable(schemas: Schemas, start: string): Schemas {
  const found: Schemas = {};
  const waiting = [start];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found[name] !== undefined) continue;
    found[name] = schemas[name] ?? {};
    for (const [, next] of JSON.stringify(found[name]).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      if (next !== undefined) waiting.push(next);
  }
  return found;
}

import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/index.ts';
import type { SecurityStage } from '../stage/security-stage.ts';
import { marksIn } from './carriers.ts';

const OBJECTS = [
  'account',
  'contact',
  'deal',
  'meeting',
  'ticket',
  'crm.Account',
  'crm.Event',
  'support.tickets',
  'calendar.events',
];
const PAGES_MAX = 80;

/**
 * Reads all that an agent with the widest grant can: every catalogue page,
 * every record. Resolves with the orders that it came across.
 */
export async function readEverything(stage: SecurityStage): Promise<ReadonlySet<number>> {
  const heard = new Set<number>();
  const hear = (content: JsonObject): void => {
    for (const mark of marksIn(JSON.stringify(content))) heard.add(mark);
  };
  const call = async (tool: string, args: Readonly<Record<string, unknown>>): Promise<JsonObject> => {
    const { content } = await stage.call('acme/renewals-copilot', tool, args);
    hear(content);
    return content;
  };
  await call('search_catalog', { query: 'OBEY', limit: 50 });
  await call('list_connections', {});
  for (const object of ['crm.Account', 'support.tickets']) {
    for (const text of ['Feld', 'OBEY', 'call it']) await call('search_catalog', { query: `${object} ${text}` });
    const described = await call('describe', { names: [object], detail: 'full' });
    for (const name of fieldsIn(described)) await call('describe', { names: [`${object}.${name}`], detail: 'full' });
  }
  for (const object of OBJECTS) {
    let cursor: Json | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const args = { object, text: 'OBEY', limit: 200, ...(cursor === undefined ? {} : { cursor }) };
      const content = await call('query_records', args);
      cursor = content['next_cursor'];
      if (cursor === undefined) break;
    }
  }
  await call('query_records', {
    object: 'deal',
    filter: { name: { starts_with: 'OBEY' } },
    fields: ['name', 'next_step'],
    limit: 200,
  });
  const columns = ['Name', 'Description', 'Anhang__c'].map((name) => `"${name}"`).join(', ');
  await call('query_sql', { sql: `select ${columns} from crm."Account" where "Name" like 'OBEY%'`, limit: 1_000 });
  await call('query_sql', { sql: `select "Subject", "Description" from crm."Event" where "Subject" like 'OBEY%'` });
  await call('query_sql', { sql: `select * from calendar.events where summary like 'OBEY%'` });
  return heard;
}

/** Names of fields that a customer made: those carry words of theirs. */
function fieldsIn(described: JsonObject): string[] {
  const names: string[] = [];
  const walk = (value: Json): void => {
    if (Array.isArray(value)) for (const item of value as readonly Json[]) walk(item);
    if (!isJsonObject(value)) return;
    if (typeof value['name'] === 'string' && /Feld\d|OBEY/i.test(JSON.stringify(value))) names.push(value['name']);
    Object.values(value).forEach(walk);
  };
  walk(described);
  return [...new Set(names)].slice(0, 60);
}

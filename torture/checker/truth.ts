import { adminOf, browse, type RunningSandboxProcess } from '../../sandbox/client/index.ts';
import { pkce } from '../stage/systems.ts';
import type { SystemFacts } from './facts.ts';

export type Fields = Readonly<Record<string, string | null>>;
/** Living records by id, with the fields that are compared. */
export type Records = ReadonlyMap<string, Fields>;

interface ObjectPlan {
  readonly fields: readonly string[];
}

/** Objects and fields that are compared, by provider. Times are compared as moments. */
export const compared: Readonly<Record<SystemFacts['provider'], Readonly<Record<string, ObjectPlan>>>> = {
  salesforce: {
    Account: { fields: ['Name', 'Phone', 'Kundenstatus__c', 'SystemModstamp'] },
    Contact: { fields: ['LastName', 'Email', 'SystemModstamp'] },
    Opportunity: { fields: ['Name', 'StageName', 'Auftragswert__c', 'SystemModstamp'] },
  },
  zendesk: {
    tickets: { fields: ['subject', 'status', 'priority', 'updated_at'] },
    organizations: { fields: ['name', 'updated_at'] },
    users: { fields: ['name', 'email', 'updated_at'] },
  },
  odoo: {
    'res.partner': { fields: ['name', 'phone', 'write_date'] },
    'crm.lead': { fields: ['name', 'expected_revenue', 'write_date'] },
  },
  google_calendar: {
    events: { fields: ['summary', 'updated'] },
  },
};

const TIMES = new Set(['SystemModstamp', 'updated_at', 'write_date', 'updated']);

/** One spelling for what providers and documents spell differently; null where there is nothing. */
export function plain(field: string, value: unknown): string | null {
  if (value === null || value === undefined || value === false || value === '') return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (!TIMES.has(field)) return text;
  const spelled = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) ? `${text.replace(' ', 'T')}Z` : text;
  return new Date(spelled.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')).toISOString();
}

export function plainFields(fields: readonly string[], values: Readonly<Record<string, unknown>>): Fields {
  return Object.fromEntries(fields.map((field) => [field, plain(field, values[field])]));
}

export interface Truth {
  read(object: string): Promise<Records>;
}

/** What the provider shows its administrator, asked past the line in front and past everything of ours. */
export async function openTruth(system: SystemFacts): Promise<Truth> {
  switch (system.provider) {
    case 'salesforce':
      return salesforce(system, await accessToken(system, '/services/oauth2/authorize', '/services/oauth2/token', ''));
    case 'zendesk':
      return zendesk(system, await accessToken(system, '/oauth/authorizations/new', '/oauth/tokens', 'read'));
    case 'odoo':
      return odoo(system);
    case 'google_calendar':
      return googleCalendar(system, await accessToken(system, '/o/oauth2/v2/auth', '/token', CALENDAR_SCOPE));
  }
}

async function accessToken(system: SystemFacts, authorize: string, token: string, scope: string): Promise<string> {
  const { url, app, redirectUri } = system.sandbox;
  const { verifier, challenge } = pkce();
  const ask = new URL(authorize, url);
  const query = {
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: redirectUri,
    state: 'checker',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(scope === '' ? {} : { scope }),
  };
  for (const [name, value] of Object.entries(query)) ask.searchParams.set(name, value);
  const back = await browse(ask.href, redirectUri, adminOf(system.sandbox as RunningSandboxProcess));
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    client_id: app.clientId,
    client_secret: app.clientSecret,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  const answer = (await asked(new URL(token, url).href, { method: 'POST', body })) as { access_token: string };
  return answer.access_token;
}

async function asked(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

type Row = Readonly<Record<string, unknown>>;

function recordsOf(rows: readonly Row[], idField: string, fields: readonly string[]): Records {
  return new Map(rows.map((row) => [String(row[idField]), plainFields(fields, row)]));
}

function salesforce({ sandbox }: SystemFacts, token: string): Truth {
  return {
    read: async (object) => {
      const fields = compared.salesforce[object]?.fields ?? [];
      const soql = `SELECT Id, ${fields.join(', ')} FROM ${object}`;
      const rows: Row[] = [];
      let path: string | undefined = `/services/data/v64.0/query?q=${encodeURIComponent(soql)}`;
      while (path !== undefined) {
        const page = (await asked(`${sandbox.url}${path}`, { headers: { authorization: `Bearer ${token}` } })) as {
          records: Row[];
          nextRecordsUrl?: string;
        };
        rows.push(...page.records);
        path = page.nextRecordsUrl;
      }
      return recordsOf(rows, 'Id', fields);
    },
  };
}

function zendesk({ sandbox }: SystemFacts, token: string): Truth {
  return {
    read: async (object) => {
      const fields = compared.zendesk[object]?.fields ?? [];
      const rows: Row[] = [];
      let url: string | null = `${sandbox.url}/api/v2/${object}.json?page[size]=100`;
      while (url !== null) {
        const page = (await asked(url, { headers: { authorization: `Bearer ${token}` } })) as Row & {
          meta: { has_more: boolean };
          links: { next: string };
        };
        rows.push(...(page[object] as Row[]));
        url = page.meta.has_more ? page.links.next : null;
      }
      return recordsOf(rows, 'id', fields);
    },
  };
}

function odoo({ sandbox }: SystemFacts): Truth {
  const key = adminOf(sandbox as RunningSandboxProcess).apiKey ?? '';
  return {
    read: async (object) => {
      const fields = compared.odoo[object]?.fields ?? [];
      const rows = (await asked(`${sandbox.url}/json/2/${object}/search_read`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `bearer ${key}` },
        body: JSON.stringify({ domain: [], fields: ['id', ...fields], context: { active_test: false } }),
      })) as Row[];
      return recordsOf(rows, 'id', fields);
    },
  };
}

const CALENDAR_SCOPE = 'https://www.googleapis.com/auth/calendar.readonly';
/** Holidays and birthdays: calendars of Google's own, which are not read. */
const GOOGLES_OWN = /@group\.v\.calendar\.google\.com$/;

/** Each calendar that the administrator sees has a copy of an event of its own; its key is `calendar/event`. */
function googleCalendar({ sandbox }: SystemFacts, token: string): Truth {
  const headers = { authorization: `Bearer ${token}` };
  const all = async (path: string): Promise<Row[]> => {
    const rows: Row[] = [];
    let page: string | undefined = '';
    while (page !== undefined) {
      const url = new URL(`/calendar/v3${path}`, sandbox.url);
      if (page !== '') url.searchParams.set('pageToken', page);
      const answer = (await asked(url.href, { headers })) as { items: Row[]; nextPageToken?: string };
      rows.push(...answer.items);
      page = answer.nextPageToken;
    }
    return rows;
  };
  return {
    read: async (object) => {
      const fields = compared.google_calendar[object]?.fields ?? [];
      const living: Row[] = [];
      for (const { id, accessRole } of await all('/users/me/calendarList')) {
        const calendar = String(id);
        if (GOOGLES_OWN.test(calendar) || accessRole === 'freeBusyReader') continue;
        const events = await all(`/calendars/${encodeURIComponent(calendar)}/events`);
        for (const event of events) {
          if (event['status'] !== 'cancelled') living.push({ ...event, key: `${calendar}/${String(event['id'])}` });
        }
      }
      return recordsOf(living, 'key', fields);
    },
  };
}

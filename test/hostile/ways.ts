import { connectorRegistry, requireConnector, type Connector } from '../../src/connectors/index.ts';
import { salesforceConnector } from '../../src/connectors/salesforce/connector.ts';
import { systemClock, systemRandom, type Clock } from '../../src/kernel/index.ts';
import { odooSignIn } from '../connectors/odoo-sign-in.ts';
import { signIn, type SandboxStart, type startSandbox, type SignedIn, type TestSandbox } from '../support/sandbox.ts';
import type { Call } from './mangling-proxy.ts';

/** One way in which records come to us: a provider and the form of its answers. */
export interface Way {
  readonly name: string;
  readonly provider: Parameters<typeof startSandbox>[0];
  readonly form: 'json' | 'csv' | 'xml';
  readonly start: SandboxStart;
  readonly connector: (options?: ConnectorOptions) => Connector;
  readonly signIn: (sandbox: TestSandbox, connector: Connector) => Promise<SignedIn>;
  /** The object whose answers are mangled, and one beside it that must not suffer. */
  readonly object: string;
  readonly beside: string;
  /** Whether the call reads records of the object. */
  readonly isRead: (call: Call) => boolean;
  /** A field of the object whose text the control API can change. */
  readonly field: string;
}

export interface ConnectorOptions {
  readonly deadlineMs?: number;
  readonly responseBytesMax?: number;
}

/** Real time for deadlines; waits between attempts are skipped and counted as if they had passed. */
export function hastyClock(): Clock {
  let skippedMs = 0;
  return {
    now: () => systemClock.now(),
    monotonicMs: () => systemClock.monotonicMs() + skippedMs,
    sleep: async (ms) => {
      skippedMs += ms;
    },
  };
}

const depsOf = (options: ConnectorOptions = {}) => ({ clock: hastyClock(), random: systemRandom, ...options });
const registered =
  (provider: string) =>
  (options?: ConnectorOptions): Connector =>
    requireConnector(connectorRegistry(depsOf(options)), provider);

const textOf = ({ url }: Call): string => decodeURIComponent(url.replaceAll('+', ' '));

const salesforce = {
  provider: 'salesforce',
  start: { scale: 4_000 },
  signIn: (sandbox, connector) => signIn(sandbox, connector),
  object: 'Account',
  beside: 'Contact',
  field: 'Name',
} satisfies Partial<Way>;

const odoo = {
  provider: 'odoo',
  start: { company: 'globex', scale: 2_000 },
  object: 'res.partner',
  beside: 'crm.lead',
  // Not the name, which other records show.
  field: 'website',
  connector: registered('odoo'),
} satisfies Partial<Way>;

export const ways = {
  salesforce: {
    ...salesforce,
    name: 'Salesforce REST',
    form: 'json',
    connector: registered('salesforce'),
    isRead: (call) => call.url.includes('/queryAll') && /FROM Account\b/.test(textOf(call)),
  },
  bulk: {
    ...salesforce,
    name: 'Salesforce Bulk',
    form: 'csv',
    connector: (options) => salesforceConnector(depsOf(options), { bulkFromRecords: 10, bulkPageRecords: 40 }),
    isRead: ({ url }) => /\/jobs\/query\/\w+\/results/.test(url),
  },
  zendesk: {
    name: 'Zendesk',
    provider: 'zendesk',
    form: 'json',
    start: { scale: 2_000 },
    connector: registered('zendesk'),
    signIn: (sandbox, connector) => signIn(sandbox, connector),
    object: 'tickets',
    beside: 'users',
    isRead: ({ url }) => url.includes('/incremental/tickets'),
    field: 'subject',
  },
  json2: {
    ...odoo,
    name: 'Odoo JSON-2',
    form: 'json',
    signIn: (sandbox, connector) => odooSignIn(sandbox, connector, 'json2'),
    isRead: ({ url }) => url.startsWith('/json/2/res.partner/search_read'),
  },
  jsonrpc: {
    ...odoo,
    name: 'Odoo JSON-RPC',
    form: 'json',
    signIn: (sandbox, connector) => odooSignIn(sandbox, connector, 'jsonrpc'),
    isRead: ({ body }) => body.includes('"res.partner","search_read"'),
  },
  xmlrpc: {
    ...odoo,
    name: 'Odoo XML-RPC',
    form: 'xml',
    signIn: (sandbox, connector) => odooSignIn(sandbox, connector, 'xmlrpc'),
    isRead: ({ body }) => /res\.partner<.{0,60}search_read</s.test(body),
  },
  calendar: {
    name: 'Google Calendar',
    provider: 'google_calendar',
    form: 'json',
    start: { scale: 2_000 },
    connector: registered('google_calendar'),
    signIn: (sandbox, connector) => signIn(sandbox, connector),
    object: 'events',
    beside: 'calendars',
    isRead: ({ url }) => /\/calendars\/[^/]+\/events/.test(url),
    field: 'summary',
  },
} satisfies Record<string, Way> as Readonly<Record<string, Way>>;

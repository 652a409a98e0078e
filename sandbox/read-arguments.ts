import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { SalesforceOptions } from './salesforce/index.ts';
import { wideBounds } from './salesforce/schema/wide.ts';
import { usersBounds } from './salesforce/sharing/users-bounds.ts';
import { sandboxCompanies, scaleBounds, type SandboxOptions } from './kit/index.ts';

export type SalesforceExtras = Pick<
  SalesforceOptions,
  'wideColumns' | 'longTexts' | 'certificate' | 'pubsubPort' | 'users' | 'withoutMarker'
>;
export type OdooVersion = 19 | 17 | 14;

export interface Arguments {
  readonly provider: string;
  readonly options: SandboxOptions;
  /** Which Odoo answers; says nothing about other providers. */
  readonly odooVersion?: OdooVersion;
  /** What a Salesforce org has beyond the usual; says nothing about other providers. */
  readonly salesforce?: SalesforceExtras;
  /** One JSON line even where a person looks on. */
  readonly json: boolean;
}

/** What the command line says. Throws an Error of one line that names the option which cannot be used. */
export function readArguments(argv: readonly string[], providers: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      seed: { type: 'string' },
      scale: { type: 'string' },
      company: { type: 'string' },
      'odoo-version': { type: 'string' },
      wide: { type: 'string' },
      'long-texts': { type: 'boolean' },
      'without-marker': { type: 'boolean' },
      certificate: { type: 'string' },
      'pubsub-port': { type: 'string' },
      users: { type: 'string' },
      anchor: { type: 'string' },
      'redirect-uri': { type: 'string', multiple: true },
      ledger: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const [provider, ...more] = positionals;
  if (provider === undefined || !providers.includes(provider) || more.length > 0) {
    throw new Error(`name one provider: ${listed(providers)}`);
  }
  const { port, seed, scale, company, anchor, ledger } = values;
  const version = values['odoo-version'];
  if (version !== undefined && provider !== 'odoo') throw new Error('--odoo-version is an option of odoo only');
  const salesforce = salesforceExtras(values);
  if (salesforce !== null && provider !== 'salesforce')
    throw new Error(
      '--wide, --long-texts, --without-marker, --certificate, --pubsub-port and --users are options of salesforce only',
    );
  return {
    provider,
    json: values.json === true,
    ...(salesforce === null ? {} : { salesforce }),
    ...(version === undefined ? {} : { odooVersion: odooVersion(version) }),
    options: {
      ...(port === undefined ? {} : { port: wholeNumber('port', port, { min: 0, max: 65_535 }) }),
      ...(seed === undefined ? {} : { seed: wholeNumber('seed', seed, seedBounds) }),
      ...(scale === undefined ? {} : { scale: wholeNumber('scale', scale, scaleBounds) }),
      ...(company === undefined ? {} : { company: oneOf('company', company, sandboxCompanies) }),
      ...(anchor === undefined ? {} : { anchor: moment(anchor) }),
      ...(values['redirect-uri'] === undefined ? {} : { redirectUris: values['redirect-uri'].map(address) }),
      ...(ledger === undefined ? {} : { ledgerFile: ledger }),
    },
  };
}

interface SalesforceValues {
  readonly wide?: string;
  readonly 'long-texts'?: boolean;
  readonly 'without-marker'?: boolean;
  readonly certificate?: string;
  readonly 'pubsub-port'?: string;
  readonly users?: string;
}

/** Null when none of them is given. */
function salesforceExtras(values: SalesforceValues): SalesforceExtras | null {
  const { wide, certificate, 'long-texts': longTexts, 'pubsub-port': port, users } = values;
  const withoutMarker = values['without-marker'];
  const given = [wide, certificate, longTexts, port, users, withoutMarker];
  if (given.every((value) => value === undefined)) return null;
  return {
    ...(wide === undefined ? {} : { wideColumns: wholeNumber('wide', wide, wideBounds) }),
    ...(longTexts === undefined ? {} : { longTexts }),
    ...(withoutMarker === undefined ? {} : { withoutMarker }),
    ...(certificate === undefined ? {} : { certificate: fileText('certificate', certificate) }),
    ...(port === undefined ? {} : { pubsubPort: wholeNumber('pubsub-port', port, { min: 0, max: 65_535 }) }),
    ...(users === undefined ? {} : { users: wholeNumber('users', users, usersBounds) }),
  };
}

function fileText(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error(`--${option} must be a file that can be read, not ${JSON.stringify(path)}`);
  }
}

function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' or ');
}

const seedBounds = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

function wholeNumber(option: string, text: string, bounds: { readonly min: number; readonly max: number }): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  const range = bounds === seedBounds ? '' : ` from ${bounds.min} to ${bounds.max}`;
  throw new Error(`--${option} must be a whole number${range}, not ${JSON.stringify(text)}`);
}

function oneOf<Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new Error(`--${option} must be ${choices.join(' or ')}, not ${JSON.stringify(text)}`);
}

const odooVersions: Readonly<Record<'19' | '17' | '14', OdooVersion>> = { 19: 19, 17: 17, 14: 14 };

function odooVersion(text: string): OdooVersion {
  return odooVersions[oneOf('odoo-version', text, ['19', '17', '14'])];
}

/** A day or a moment as ISO 8601 writes it; days that no month has are not moved into the next one. */
function moment(text: string): Date {
  const day = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.exec(text)?.[1];
  const date = new Date(text);
  const isDay = day !== undefined && new Date(`${day}T00:00:00Z`).getUTCDate() === Number(day.slice(8));
  if (isDay && !Number.isNaN(date.getTime())) return date;
  throw new Error(`--anchor must be a date such as 2026-01-31 or 2026-01-31T08:30:00Z, not ${JSON.stringify(text)}`);
}

function address(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new Error(
    `--redirect-uri must be an address such as http://127.0.0.1:7070/oauth/callback, not ${JSON.stringify(text)}`,
  );
}

import { parseArgs } from 'node:util';
import { scaleBounds, type SandboxOptions } from './kit/index.ts';

export interface Arguments {
  readonly provider: string;
  readonly options: SandboxOptions;
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
      anchor: { type: 'string' },
      'redirect-uri': { type: 'string', multiple: true },
      ledger: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const [provider, ...more] = positionals;
  if (provider === undefined || !providers.includes(provider) || more.length > 0) {
    throw new Error(`name one provider: ${providers.join(' or ')}`);
  }
  const { port, seed, scale, anchor, ledger } = values;
  return {
    provider,
    json: values.json === true,
    options: {
      ...(port === undefined ? {} : { port: wholeNumber('port', port, { min: 0, max: 65_535 }) }),
      ...(seed === undefined ? {} : { seed: wholeNumber('seed', seed, seedBounds) }),
      ...(scale === undefined ? {} : { scale: wholeNumber('scale', scale, scaleBounds) }),
      ...(anchor === undefined ? {} : { anchor: moment(anchor) }),
      ...(values['redirect-uri'] === undefined ? {} : { redirectUris: values['redirect-uri'].map(address) }),
      ...(ledger === undefined ? {} : { ledgerFile: ledger }),
    },
  };
}

const seedBounds = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

function wholeNumber(option: string, text: string, bounds: { readonly min: number; readonly max: number }): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  const range = bounds === seedBounds ? '' : ` from ${bounds.min} to ${bounds.max}`;
  throw new Error(`--${option} must be a whole number${range}, not ${JSON.stringify(text)}`);
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

import type { AlertTargets, MailServer } from '../../alerts/index.ts';
import { GantryError } from '../../kernel/index.ts';
import type { Environment } from '../config.ts';
import { hideSecrets } from '../hide-secrets.ts';

const ROUTE_VARIABLE = /^GANTRY_ALERT_([A-Z0-9_]+)_(URL|SECRET)$/;

/**
 * Where alerts go: per route `GANTRY_ALERT_<ROUTE>_URL` and `_SECRET`
 * (`whsec_` and base64, as Standard Webhooks has it), and for mail
 * `GANTRY_SMTP_URL` (`smtp://user:password@host:587`, `smtps://` for TLS from
 * the first byte), `GANTRY_SMTP_FROM`, `GANTRY_SMTP_CA` (PEM). Raises
 * `config_invalid`, without what was given: it is secret.
 */
export function alertTargetsIn(env: Environment): AlertTargets {
  const urls = new Map<string, string>();
  const secrets = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    const [, route = '', what] = ROUTE_VARIABLE.exec(name) ?? [];
    if (what === undefined || value === undefined || value === '') continue;
    if (what === 'URL') urls.set(route.toLowerCase(), httpAddress(name, value));
    else secrets.set(route.toLowerCase(), secretIn(name, value));
  }
  const targets: AlertTargets = { urls, secrets, mail: mailServerIn(env) };
  // The addresses of chat channels let whoever knows them write there.
  return hideSecrets(targets, ['urls', 'secrets']);
}

function httpAddress(where: string, text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw invalid(where, 'is no http address', 'Write the whole address: https://...');
}

/** 24 to 64 bytes, as the scheme asks. */
function secretIn(where: string, text: string): string {
  const bytes = Buffer.from(text.replace(/^whsec_/, ''), 'base64').length;
  if (/^whsec_[A-Za-z0-9+/]+=*$/.test(text) && bytes >= 24 && bytes <= 64) return text;
  throw invalid(
    where,
    'is no secret of the scheme',
    'Write whsec_ and 32 random bytes in base64: echo "whsec_$(openssl rand -base64 32)".',
  );
}

function mailServerIn(env: Environment): MailServer | null {
  const text = env['GANTRY_SMTP_URL'];
  if (text === undefined || text === '') return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    throw invalid('GANTRY_SMTP_URL', 'is no address of a mail server', 'Write smtp://user:password@host:587.');
  }
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  const server: MailServer = {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    plain: !secure && user === '' && (host === 'localhost' || host === '::1' || host.startsWith('127.')),
    user: user === '' ? null : user,
    password: password === '' ? null : password,
    from: senderIn(env['GANTRY_SMTP_FROM']),
    ca: env['GANTRY_SMTP_CA'] ?? null,
  };
  return hideSecrets(server, ['password']);
}

function senderIn(text: string | undefined): string {
  if (text !== undefined && /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,200}$/.test(text)) return text;
  throw invalid(
    'GANTRY_SMTP_FROM',
    text === undefined ? 'is not set: the address that alerts are sent from' : 'is not a mail address',
    'Set it beside GANTRY_SMTP_URL, for example to gantry@example.com.',
  );
}

const invalid = (where: string, what: string, fix: string): GantryError =>
  new GantryError('config_invalid', { message: `${where} ${what}.`, where, fix });

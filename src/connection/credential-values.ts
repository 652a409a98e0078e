import { GantryError, suggest } from '../kernel/index.ts';
import type { Connector, CredentialField, CredentialMethod } from '../connectors/index.ts';
import { hostMatches } from './host-matches.ts';
import { EXPIRES_ON } from './token-store.ts';

export type CredentialValues = Readonly<Record<string, string>>;

/** A way in by its name; raises `sign_in_unsupported` with those that there are. */
export function credentialMethod(connector: Connector, name: string): CredentialMethod {
  const names = connector.credentials.map((method) => method.name);
  const found = connector.credentials.find((method) => method.name === name);
  if (found !== undefined) return found;
  throw new GantryError('sign_in_unsupported', {
    message: `${connector.title} cannot be connected by "${name.slice(0, 80)}".`,
    where: 'method',
    suggestions: suggest(name, names),
    allowed: [...(connector.oauth === null ? [] : ['browser']), ...names],
  });
}

/**
 * What was entered, as `method` wants it: nothing unknown, nothing missing, and
 * no address that is not the provider's. `trustedOrigin` is the address that
 * the operator configured for the integration; it may be a sandbox on this
 * machine. Raises `bad_request`, which never repeats a value.
 */
export function checkedValues(
  method: CredentialMethod,
  values: CredentialValues,
  trustedOrigin: string | null,
): CredentialValues {
  const known = method.fields.map((field) => field.name);
  const unknown = Object.keys(values).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new GantryError('bad_request', {
      message: `"${unknown.slice(0, 80)}" is not asked for by ${method.title}.`,
      where: `values.${unknown.slice(0, 80)}`,
      suggestions: suggest(unknown, known),
      allowed: known,
    });
  }
  const checked: Record<string, string> = {};
  for (const field of method.fields) {
    const value = (values[field.name] ?? '').trim();
    if (value !== '' && field.name === EXPIRES_ON) checked[field.name] = dayIn(field, value);
    else if (value !== '')
      checked[field.name] = field.hosts === undefined ? value : addressIn(field, value, trustedOrigin);
    else if (!field.optional) throw missing(method, field);
  }
  return checked;
}

/** A day of the calendar, by UTC. */
function dayIn({ name, title }: CredentialField, value: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))) return value;
  throw new GantryError('bad_request', {
    message: `${title}: that is no day.`,
    where: `values.${name}`,
    fix: 'Enter it as 2027-01-31, or leave it empty where the key does not end.',
  });
}

/** The origin of an https address at one of the field's hosts, or the trusted one. */
function addressIn(field: CredentialField, value: string, trustedOrigin: string | null): string {
  const hosts = field.hosts ?? [];
  const url = URL.canParse(value) ? new URL(value) : null;
  const isPlain = url !== null && url.username === '' && url.password === '';
  if (isPlain && url.origin === trustedOrigin) return url.origin;
  // A port is a matter of the customer's own server; a provider's common hosts have none.
  const portFits = url?.port === '' || hosts.includes('*');
  if (isPlain && url.protocol === 'https:' && portFits && hostMatches(hosts, url.hostname)) return url.origin;
  throw new GantryError('bad_request', {
    message: `${field.title} must be an https address of the provider.`,
    where: `values.${field.name}`,
    fix: 'Enter the https address, or let the operator configure another one as the login address of the integration.',
    allowed: hosts,
  });
}

function missing(method: CredentialMethod, field: CredentialField): GantryError {
  return new GantryError('bad_request', {
    message: `${method.title} needs "${field.name}" (${field.title}).`,
    where: `values.${field.name}`,
    allowed: method.fields.map(({ name, optional }) => (optional ? `${name} (optional)` : name)),
  });
}

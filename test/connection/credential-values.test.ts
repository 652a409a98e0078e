import { describe, expect, it } from 'vitest';
import { checkedValues, credentialMethod } from '../../src/connection/credential-values.ts';
import { connectorRegistry, requireConnector, type CredentialMethod } from '../../src/connectors/index.ts';
import { GantryError, systemClock, systemRandom } from '../../src/kernel/index.ts';

const registry = connectorRegistry({ clock: systemClock, random: systemRandom });
const odoo = credentialMethod(requireConnector(registry, 'odoo'), 'api_key');
const values = { url: 'https://erp.globex.example', database: 'globex', api_key: 'k3y-of-the-bot' };
const trusted = 'http://127.0.0.1:4003';

function refusalOf(check: () => unknown): GantryError {
  try {
    check();
  } catch (error) {
    if (error instanceof GantryError) return error;
  }
  throw new Error('nothing was refused');
}

describe('what an administrator enters', () => {
  it('is trimmed, and loses what is empty', () => {
    expect(checkedValues(odoo, { ...values, login: ' ', database: ' globex\n' }, null)).toEqual(values);
  });

  it.each([
    [{ ...values, databse: 'x' }, 'values.databse', ['database']],
    [{ url: values.url, database: 'globex' }, 'values.api_key', []],
  ])('is refused with a name that is unknown or missing: %j', (entered, where, suggestions) => {
    const { code, details } = refusalOf(() => checkedValues(odoo, entered, null));
    expect(code).toBe('bad_request');
    expect(details).toMatchObject({ where });
    expect(details.suggestions ?? []).toEqual(suggestions);
  });

  it.each([
    ['https://erp.globex.example', 'https://erp.globex.example'],
    ['https://erp.globex.example:8069/web/login?x=1', 'https://erp.globex.example:8069'],
    ['https://globex.odoo.com/', 'https://globex.odoo.com'],
    ['https://globex.odoo.com.', 'https://globex.odoo.com.'],
    ['https://svc.lan.globex.example', 'https://svc.lan.globex.example'],
    ['http://127.0.0.1:4003/web', 'http://127.0.0.1:4003'],
  ])('may be the address %s', (url, origin) => {
    expect(checkedValues(odoo, { ...values, url }, trusted)['url']).toBe(origin);
  });

  it.each([
    'http://erp.globex.example',
    'https://user:secret@erp.globex.example',
    'https://127.0.0.1',
    'https://[::1]',
    'https://2130706433',
    'https://0x7f.1',
    'https://169.254.169.254',
    'https://localhost',
    'https://postgres',
    'https://db.internal',
    'https://printer.local',
    'https://vault.default.svc:8200',
    'https://vault.default.svc.cluster.local.',
    'https://metadata.google.internal.',
    'https://localhost.:8443',
    'https://db.localhost',
    'https://db.localdomain',
    'https://printer.lan.',
    'https://nas.home.arpa',
    'https://home.arpa',
    'http://127.0.0.1:4004',
    'ftp://erp.globex.example',
    'erp.globex.example',
  ])('may not be the address %s', (url) => {
    const error = refusalOf(() => checkedValues(odoo, { ...values, url }, trusted));
    expect(error).toMatchObject({ code: 'bad_request', details: { where: 'values.url' } });
    expect(JSON.stringify(error.toBody())).not.toContain('secret');
  });

  it('stays with the hosts of the provider where these are known', () => {
    const method: CredentialMethod = {
      ...odoo,
      fields: [{ name: 'url', title: 'Address', secret: false, optional: false, hosts: ['*.my.salesforce.com'] }],
    };
    const url = 'https://acme.my.salesforce.com';
    expect(checkedValues(method, { url }, null)).toEqual({ url });
    for (const other of ['https://my.salesforce.com', 'https://acme.my.salesforce.com.evil.example', `${url}:8443`]) {
      expect(refusalOf(() => checkedValues(method, { url: other }, null)).code).toBe('bad_request');
    }
  });

  it('has a way in that exists', () => {
    const error = refusalOf(() => credentialMethod(requireConnector(registry, 'odoo'), 'api_kye'));
    expect(error).toMatchObject({
      code: 'sign_in_unsupported',
      details: { suggestions: ['api_key'], allowed: ['api_key'] },
    });
    const browser = refusalOf(() => credentialMethod(requireConnector(registry, 'zendesk'), 'api_key'));
    expect(browser.details.allowed).toEqual(['browser']);
  });
});

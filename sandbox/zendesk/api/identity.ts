import { json, randomToken, type SandboxResponse } from '../../kit/index.ts';
import { ACCOUNT_SINCE, type Account } from '../account.ts';
import { BRAND_ID } from '../ids.ts';
import type { Call } from './context.ts';
import { present, presentToEndUser } from './present.ts';

export function me(call: Call): SandboxResponse {
  const { account, grant, request } = call;
  const entry = account.records.users.get(Number(grant.user.id));
  if (entry === null) throw new Error(`signed-in user ${grant.user.id} has no record`);
  const user =
    call.viewer.role === 'end-user'
      ? presentToEndUser(account, request.origin, entry)
      : present(account, request.origin, 'users', entry);
  return json(200, { user: { ...user, authenticity_token: randomToken(48) } });
}

/**
 * Help centers are read without signing in, so this one call answers 200 for
 * nobody: an anonymous user without an id.
 */
export function anonymous(): SandboxResponse {
  return json(200, {
    user: { id: null, name: 'Anonymous user', email: 'invalid@example.com', role: 'end-user', organization_id: null },
  });
}

/** Not in the published reference, but what the product's own pages call to learn where they are. */
export function accountName({ account, request }: Call): SandboxResponse {
  return json(200, {
    account: {
      url: request.origin,
      name: account.profile.name,
      sandbox: false,
      subdomain: account.subdomain,
      time_format: 24,
      time_zone: account.profile.zone.name,
      multiproduct: true,
    },
  });
}

export function accountSettings({ account }: Call): SandboxResponse {
  const { zone, locale } = account.profile;
  return json(200, {
    settings: {
      active_features: { organization_access_enabled: true, ticket_forms: true, user_org_fields: true },
      api: { accepted_api_agreement: true, api_token_access: 'false' },
      branding: { favicon_url: null, header_color: '03363D', header_logo_url: null, page_background_color: '333333' },
      localization: { locale_ids: [locale.id, 1], time_zone: zone.iana, iana_time_zone: zone.iana },
      limits: { attachment_size: 52_428_800 },
      tickets: { agent_ticket_deletion: false, is_first_comment_private_enabled: true },
      user: { tagging: true, multiple_organizations: false },
      cdn: { cdn_provider: 'default', fallback_cdn_provider: 'cloudflare', hosts: [] },
    },
  });
}

export function brands(call: Call): SandboxResponse {
  const brand = brandOf(call.account, call.request.origin);
  return json(200, { brands: [brand], next_page: null, previous_page: null, count: 1 });
}

/** The brand's subdomain is what tells one account from another. */
function brandOf(account: Account, origin: string) {
  return {
    url: `${origin}/api/v2/brands/${BRAND_ID}.json`,
    id: BRAND_ID,
    name: account.profile.name,
    brand_url: origin,
    subdomain: account.subdomain,
    host_mapping: null,
    has_help_center: true,
    help_center_state: 'enabled',
    active: true,
    default: true,
    is_deleted: false,
    logo: null,
    ticket_form_ids: [],
    signature_template: '{{agent.signature}}',
    created_at: ACCOUNT_SINCE,
    updated_at: ACCOUNT_SINCE,
  };
}

import { json, parseJson, type SandboxResponse } from '../../kit/index.ts';
import type { Webhook } from '../webhooks/webhook-store.ts';
import type { Call } from './context.ts';
import { listPage, type Pageable } from './pagination.ts';
import type { Json } from './present.ts';
import { draftFrom } from './webhook-draft.ts';
import { webhookInvalid, webhookMissing } from './webhook-errors.ts';

/**
 * The Webhooks API: admins alone may use it. Source: Zendesk, "Webhooks".
 * Secrets and credentials are never part of a webhook as it is shown.
 */
export function listWebhooks({ account, request }: Call): SandboxResponse {
  const status = request.query.get('filter[status]');
  const contains = request.query.get('filter[name_contains]')?.toLowerCase() ?? '';
  const found = account.webhooks
    .all()
    .filter(
      (webhook) => (status === null || webhook.status === status) && webhook.name.toLowerCase().includes(contains),
    );
  // Their lists know cursors only; webhooks have no numbers, so that their places serve.
  const places = found.map((webhook, at) => ({ webhook, at: at + 1 }));
  const query = new URLSearchParams(request.query);
  if (!query.has('page[size]')) query.set('page[size]', '100');
  const list: Pageable<(typeof places)[number]> = {
    count: places.length,
    idOf: ({ at }) => at,
    fromOffset: (n, limit) => places.slice(n, n + limit),
    fromId: (id, direction, limit) => {
      if (direction === 'after') return places.filter(({ at }) => id === null || at > id).slice(0, limit);
      const before = places.filter(({ at }) => id !== null && at < id);
      return before.slice(Math.max(0, before.length - limit));
    },
  };
  const page = listPage({ ...request, query }, 'webhooks', list, ({ webhook }) => shown(webhook));
  return 'status' in page ? (page as SandboxResponse) : json(200, page);
}

export function createWebhook({ account, request, grant }: Call): SandboxResponse {
  const draft = draftFrom(webhookOf(request.body), null, null);
  if (typeof draft === 'string') return webhookInvalid(draft);
  return json(201, { webhook: shown(account.webhooks.create(draft, grant.user.id)) });
}

export function showWebhook(call: Call): SandboxResponse {
  return withWebhook(call, (webhook) => json(200, { webhook: shown(webhook) }));
}

/** PUT wants all of it, PATCH what changes; neither answers with a body. */
export function updateWebhook(how: 'replace' | 'patch') {
  return (call: Call): SandboxResponse =>
    withWebhook(call, (webhook) => {
      const given = webhookOf(call.request.body);
      const draft = draftFrom(given, how === 'patch' ? webhook : null, webhook.subscriptions);
      if (typeof draft === 'string') return webhookInvalid(draft);
      call.account.webhooks.update(webhook, draft, call.grant.user.id);
      return { status: 204, body: '' };
    });
}

export function deleteWebhook(call: Call): SandboxResponse {
  return withWebhook(call, ({ id }) => {
    call.account.webhooks.remove(id);
    call.account.sender.forget(id);
    return { status: 204, body: '' };
  });
}

export function showSigningSecret(call: Call): SandboxResponse {
  return withWebhook(call, (webhook) => json(200, secretOf(webhook)));
}

/** The old secret signs nothing from then on. */
export function resetSigningSecret(call: Call): SandboxResponse {
  return withWebhook(call, (webhook) => json(201, secretOf(call.account.webhooks.resetSecret(webhook))));
}

function secretOf({ secret }: Webhook): Json {
  return { signing_secret: { algorithm: 'SHA256', secret } };
}

function withWebhook(call: Call, answer: (webhook: Webhook) => SandboxResponse): SandboxResponse {
  const id = call.params[0] ?? '';
  const webhook = call.account.webhooks.get(id);
  return webhook === null ? webhookMissing(id) : answer(webhook);
}

function webhookOf(body: string): unknown {
  const parsed = parseJson(body);
  return typeof parsed === 'object' && parsed !== null ? (parsed as Json)['webhook'] : null;
}

function shown(webhook: Webhook): Json {
  const { authentication, customHeaders, description } = webhook;
  return {
    id: webhook.id,
    name: webhook.name,
    status: webhook.status,
    subscriptions: webhook.subscriptions,
    created_at: webhook.createdAt,
    created_by: webhook.createdBy,
    updated_at: webhook.updatedAt,
    updated_by: webhook.updatedBy,
    endpoint: webhook.endpoint,
    http_method: webhook.httpMethod,
    request_format: webhook.requestFormat,
    ...(description === null ? {} : { description }),
    ...(authentication === null ? {} : { authentication: { type: authentication.type, add_position: 'header' } }),
    ...(customHeaders === null ? {} : { custom_headers: customHeaders }),
  };
}

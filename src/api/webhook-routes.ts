import type { Hono } from 'hono';
import { GantryError, limits } from '../kernel/index.ts';
import type { ApiOptions } from './api.ts';
import { requireKey } from './authenticate.ts';
import { readBody, webhookPlaceBody } from './operator-requests.ts';
import type { Operator } from './ports.ts';
import { readBytes, readJson } from './read-json.ts';
import { jsonResponse, type ApiEnv } from './respond.ts';

/** Takes a delivery. Raises `webhook_signature_invalid`, `webhook_unreadable`, `webhook_not_kept`. */
export type TakeDelivery = (call: WebhookCall) => Promise<WebhookAnswer>;

export interface WebhookCall {
  readonly address: string;
  /** With the query, as it was called. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type WebhookAnswer =
  | { readonly kind: 'kept' }
  | { readonly kind: 'challenge'; readonly answer: { readonly contentType: string; readonly body: string } }
  | { readonly kind: 'unknown' };

/** The address for a provider to call, and the secret to sign with: made where there is none, `secret` taken from now on. */
export type MakeWebhook = (
  operator: Operator,
  request: { readonly tenant: string; readonly connection: string; readonly secret: string | null },
) => Promise<{ readonly url: string; readonly secret: string }>;

const ADDRESS = /^[\w-]{32,64}$/;

/** Where providers call us. What they send is believed by its signature only; 2xx means that it is on disk. */
export function addWebhookRoutes<Session>(app: Hono<ApiEnv>, options: ApiOptions<Session>): void {
  const { takeDelivery, makeWebhook, authenticateOperator } = options;

  app.post('/v1/connections/:slug/webhook', async (context) => {
    const operator = await requireKey(context.req.raw, authenticateOperator, 'operator');
    const { tenant, secret = null } = readBody(webhookPlaceBody, await readJson(context.req.raw));
    const place = await makeWebhook(operator, { tenant, secret, connection: context.req.param('slug') });
    return jsonResponse({ ...place }, 200, context.get('requestId'));
  });

  app.post('/hooks/:address', async (context) => {
    const request = context.req.raw;
    const address = context.req.param('address');
    if (!ADDRESS.test(address)) throw noSuchAddress();
    const body = await readBytes(request, limits.webhookBodyBytesMax);
    const { pathname, search } = new URL(request.url);
    const headers = Object.fromEntries(request.headers);
    const answer = await takeDelivery({ address, path: `${pathname}${search}`, headers, body });
    switch (answer.kind) {
      case 'unknown':
        throw noSuchAddress();
      case 'challenge':
        return new Response(answer.answer.body, { headers: { 'content-type': answer.answer.contentType } });
      case 'kept':
        return new Response(null, { status: 204 });
    }
  });
}

function noSuchAddress(): GantryError {
  return new GantryError('not_found', { message: 'There is no such address.' });
}

import { GantryError, isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import type { RegisteredWebhook, WebhookRegistration, WebhookSource } from '../contract.ts';
import { idAt, listAt, textAt } from '../kit/answer-values.ts';
import type { Declaration } from '../kit/declaration.ts';
import { sessionContexts, type ConnectorDeps } from '../kit/declared-connector.ts';
import type { HttpClient } from '../kit/http-client.ts';
import { nothingTold, registering } from '../kit/registration.ts';
import { readPath } from '../kit/value-path.ts';
import { eventObjects, subscriptionsFor, toldObjects } from './webhook-events.ts';

const PATH = '/api/v2/webhooks';
/** What administrators see in their list of webhooks. */
const NAME = 'Gantry';
const LIST_PAGES_MAX = 20;

/**
 * Webhooks that subscribe to events (developer.zendesk.com, "Webhooks API":
 * list, create, show, update, delete, show signing secret). Zendesk chooses the
 * secret. A webhook is recognised by its endpoint, which nobody else has.
 */
export function zendeskRegistration(
  declaration: Declaration,
  deps: ConnectorDeps,
): Required<Pick<WebhookSource, 'register' | 'remove' | 'scopes' | 'objects'>> {
  const contextOf = sessionContexts(declaration, deps);
  return {
    // "OAuth tokens for grant types", scopes: `read` does not reach what changes.
    scopes: ['webhooks:write'],
    objects: eventObjects,
    register: (access, request) => registering(() => register(contextOf(access).http, request), refusal),
    remove: async (access, { id, url }) => {
      const { http } = contextOf(access);
      if (typeof id === 'string') return end(http, id);
      const lost = typeof url === 'string' ? await found(http, url) : null;
      if (lost !== null) await end(http, idAt(lost, 'id', `GET ${PATH}`));
    },
  };
}

async function end(http: HttpClient, id: string): Promise<void> {
  await http({ method: 'DELETE', path: `${PATH}/${encodeURIComponent(id)}`, accept: isGone });
}

const isGone = (status: number): boolean => status === 204 || status === 404;

async function register(http: HttpClient, request: WebhookRegistration): Promise<RegisteredWebhook> {
  const objects = toldObjects(request.objects);
  if (objects.length === 0) throw nothingTold('Zendesk', request.objects);
  const wanted = {
    name: NAME,
    description: 'Tells Gantry what changed. Made and kept by Gantry.',
    status: 'active',
    endpoint: request.url,
    http_method: 'POST',
    request_format: 'json',
    subscriptions: subscriptionsFor(objects),
  };
  const known = (await shown(http, request.before)) ?? (await found(http, request.url));
  const id = known === null ? await create(http, wanted) : idAt(known, 'id', `GET ${PATH}`);
  if (known !== null && !isAs(known, wanted)) await update(http, id, wanted);
  return { reference: { id }, objects, secret: await secretOf(http, id), expiresAt: null };
}

/** The one of the last time; null: it is not there any more. */
async function shown(http: HttpClient, before: JsonObject | null): Promise<JsonObject | null> {
  const id = before?.['id'];
  if (typeof id !== 'string') return null;
  const { body } = await http({ path: `${PATH}/${encodeURIComponent(id)}`, accept: isMissing });
  const webhook = readPath(body, 'webhook');
  return isJsonObject(webhook) ? webhook : null;
}

const isMissing = (status: number): boolean => status === 404;

/** One that was made by a call whose answer was lost. */
async function found(http: HttpClient, url: string): Promise<JsonObject | null> {
  let after: string | null = null;
  for (let page = 0; page < LIST_PAGES_MAX; page += 1) {
    const query: Record<string, string> = { 'filter[name_contains]': NAME, 'page[size]': '100' };
    if (after !== null) query['page[after]'] = after;
    const { body }: { readonly body: Json } = await http({ path: PATH, query });
    const own = listAt(body, 'webhooks', `GET ${PATH}`).find((webhook) => webhook['endpoint'] === url);
    if (own !== undefined) return own;
    after = readPath(body, 'meta.has_more') === true ? textAt(body, 'meta.after_cursor') : null;
    if (after === null) return null;
  }
  return null;
}

async function create(http: HttpClient, webhook: JsonObject): Promise<string> {
  const { body } = await http({ method: 'POST', path: PATH, headers: JSON_TYPE, body: JSON.stringify({ webhook }) });
  return idAt(body, 'webhook.id', `POST ${PATH}`);
}

async function update(http: HttpClient, id: string, webhook: JsonObject): Promise<void> {
  const path = `${PATH}/${encodeURIComponent(id)}`;
  // "Update Webhook" answers 204.
  const accept = (status: number): boolean => status === 204;
  await http({ method: 'PUT', path, headers: JSON_TYPE, body: JSON.stringify({ webhook }), accept });
}

const JSON_TYPE = { 'content-type': 'application/json' };

async function secretOf(http: HttpClient, id: string): Promise<string> {
  const path = `${PATH}/${encodeURIComponent(id)}/signing_secret`;
  const secret = textAt((await http({ path })).body, 'signing_secret.secret');
  if (secret !== null && secret !== '') return secret;
  throw new GantryError('upstream_malformed', {
    message: 'Zendesk does not say with which secret it signs.',
    where: `GET ${PATH}/{id}/signing_secret`,
    data: { class: 'malformed_response' },
  });
}

function isAs(known: JsonObject, wanted: JsonObject & { readonly subscriptions: readonly string[] }): boolean {
  const same = ['status', 'endpoint', 'http_method', 'request_format'].every((key) => known[key] === wanted[key]);
  const { subscriptions } = known;
  const told = new Set(Array.isArray(subscriptions) ? subscriptions : []);
  return same && told.size === wanted.subscriptions.length && wanted.subscriptions.every((event) => told.has(event));
}

function refusal(code: string): { readonly message: string; readonly fix: string } {
  switch (code) {
    case 'upstream_forbidden':
      return {
        message: 'Zendesk does not let the connected user manage webhooks.',
        fix: 'Connect a Zendesk administrator, or an agent whose role may manage webhooks, and agree to webhooks:write.',
      };
    case 'upstream_object_missing':
      return {
        message: 'Zendesk has no webhooks at this account.',
        fix: 'Ask a Zendesk administrator whether the plan includes webhooks.',
      };
    default:
      return {
        message: 'Zendesk does not take the webhook.',
        fix: 'Ask a Zendesk administrator whether the account may have further webhooks, and whether GANTRY_PUBLIC_URL is an https address that the internet reaches.',
      };
  }
}

import { json, type SandboxResponse } from '../../kit/index.ts';

/** The Webhooks API has error bodies of its own; its reference names their keys but not their texts. */
export function webhookMissing(id: string): SandboxResponse {
  return json(404, { errors: [{ code: 'WebhookNotFound', title: 'Webhook not found', detail: `No webhook ${id}` }] });
}

export function webhookInvalid(detail: string): SandboxResponse {
  return json(400, { errors: [{ code: 'InvalidWebhook', title: 'Invalid webhook', detail }] });
}

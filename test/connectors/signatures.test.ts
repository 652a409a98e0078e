import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import {
  hubspotV3,
  sharedSecret,
  slackV0,
  standardWebhooks,
  zendeskSignature,
  type WebhookDelivery,
} from '../../src/connectors/index.ts';

const at = new Date('2026-03-01T12:00:00Z');
const body = Buffer.from('{"name":"Ünïcode"}');
const delivery = (headers: Record<string, string>, more: Partial<WebhookDelivery> = {}): WebhookDelivery => ({
  headers,
  body,
  url: 'https://gantry.example.com/hooks/abc?x=a%2Fb%20c',
  method: 'POST',
  receivedAt: at,
  ...more,
});
const later = (ms: number): Date => new Date(at.getTime() + ms);
const refused = expect.objectContaining({ code: 'webhook_signature_invalid' });

interface Case {
  readonly name: string;
  readonly verify: (delivery: WebhookDelivery, secret: string) => void;
  readonly secret: string;
  readonly headers: Record<string, string>;
  /** The header with the signature. */
  readonly signature: string;
}

const seconds = String(at.getTime() / 1_000);
const hmac = (secret: string, text: string, as: 'base64' | 'hex'): string =>
  createHmac('sha256', secret).update(text).digest(as);
const whsec = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

const timed: readonly Case[] = [
  {
    name: 'Zendesk',
    verify: zendeskSignature,
    secret: 'zd',
    signature: 'x-zendesk-webhook-signature',
    headers: {
      'x-zendesk-webhook-signature-timestamp': at.toISOString(),
      'x-zendesk-webhook-signature': hmac('zd', `${at.toISOString()}${body.toString()}`, 'base64'),
    },
  },
  {
    name: 'HubSpot v3',
    verify: hubspotV3,
    secret: 'hs',
    signature: 'x-hubspot-signature-v3',
    headers: {
      'x-hubspot-request-timestamp': String(at.getTime()),
      'x-hubspot-signature-v3': hmac(
        'hs',
        `POSThttps://gantry.example.com/hooks/abc?x=a/b%20c${body.toString()}${String(at.getTime())}`,
        'base64',
      ),
    },
  },
  {
    name: 'Slack v0',
    verify: slackV0,
    secret: 'sl',
    signature: 'x-slack-signature',
    headers: {
      'x-slack-request-timestamp': seconds,
      'x-slack-signature': `v0=${hmac('sl', `v0:${seconds}:${body.toString()}`, 'hex')}`,
    },
  },
  {
    name: 'Standard Webhooks, signed by its own library',
    verify: standardWebhooks,
    secret: whsec,
    signature: 'webhook-signature',
    headers: {
      'webhook-id': 'msg_1',
      'webhook-timestamp': seconds,
      'webhook-signature': `v1,bm8= ${new Webhook(whsec).sign('msg_1', at, body.toString())}`,
    },
  },
];

describe.each(timed)('H1: signatures of $name', ({ verify, secret, headers, signature }) => {
  it('are taken, up to five minutes early or late', () => {
    for (const ms of [0, 299_000, -299_000])
      expect(() => verify(delivery(headers, { receivedAt: later(ms) }), secret)).not.toThrow();
  });
  it('are refused when they are replayed later, or come from the future', () => {
    for (const ms of [600_000, -600_000])
      expect(() => verify(delivery(headers, { receivedAt: later(ms) }), secret)).toThrow(refused);
  });
  it('are refused with another secret, another body, another or no signature', () => {
    expect(() => verify(delivery(headers), `${secret}QkJC`)).toThrow(refused);
    expect(() => verify(delivery(headers, { body: Buffer.from('{}') }), secret)).toThrow(refused);
    expect(() => verify(delivery({ ...headers, [signature]: 'x' }), secret)).toThrow(refused);
    expect(() => verify(delivery({ ...headers, [signature]: '' }), secret)).toThrow(refused);
    expect(() => verify(delivery({}), secret)).toThrow(refused);
  });
});

it('takes the signature of the example in the documents of Slack', () => {
  const text =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  const headers = {
    'x-slack-request-timestamp': '1531420618',
    'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  };
  const receivedAt = new Date(1_531_420_618_000);
  const example = delivery(headers, { body: Buffer.from(text), receivedAt });
  expect(() => slackV0(example, '8f742231b10e8888abcd99yyyzzz85a5')).not.toThrow();
});

it('takes a shared secret in a header, and nothing that resembles it', () => {
  const verify = sharedSecret('x-goog-channel-token');
  expect(() => verify(delivery({ 'x-goog-channel-token': 'one' }), 'one')).not.toThrow();
  for (const token of ['', 'on', 'one ', 'One'])
    expect(() => verify(delivery({ 'x-goog-channel-token': token }), 'one')).toThrow(refused);
});

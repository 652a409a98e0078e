import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type WebhookDelivery,
  type WebhookSource,
} from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';

const connectors = connectorRegistry({ clock: systemClock, random: systemRandom });
const receivedAt = new Date('2026-11-21T12:00:00.000Z');

function sourceOf(provider: string): WebhookSource {
  const source = requireConnector(connectors, provider).events?.webhooks;
  if (source === undefined) throw new Error(`${provider} has no webhooks`);
  return source;
}

const delivery = (
  body: string | object,
  headers: Readonly<Record<string, string>> = {},
  url = 'https://gantry.example.com/hooks/address',
): WebhookDelivery => ({
  headers,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  url,
  method: 'POST',
  receivedAt,
});

/** Shapes as on developer.zendesk.com, Webhooks API: "Verifying webhooks", "Ticket events", "User events", "Organization events". */
describe('webhooks of Zendesk', () => {
  const zendesk = sourceOf('zendesk');
  const event = (type: string, subject: string, details: object = {}): object => ({
    account_id: 10_973_248,
    detail: { id: '35436' },
    event: details,
    id: 'a540ab78-88f2-49e1-93a7-16152a6f782c',
    subject,
    time: '2026-11-21T11:59:59.123Z',
    type,
    zendesk_event_version: '2022-06-20',
  });
  const told = (type: string, subject: string, details?: object) =>
    zendesk.read(delivery(event(type, subject, details)));
  const one = (object: string, recordId: string, what: 'changed' | 'deleted') => ({
    kind: 'events',
    events: [
      {
        id: 'a540ab78-88f2-49e1-93a7-16152a6f782c',
        object,
        recordId,
        what,
        at: new Date('2026-11-21T11:59:59.123Z'),
      },
    ],
  });

  it('are signed over the time and the body, in base64', () => {
    // The secret with which test requests are signed before a webhook exists.
    const secret = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==';
    const body = JSON.stringify(event('zen:event-type:ticket.created', 'zen:ticket:35436'));
    const stamp = '2026-11-21T11:59:58Z';
    const signature = createHmac('sha256', secret).update(`${stamp}${body}`).digest('base64');
    const headers = {
      'x-zendesk-webhook-signature': signature,
      'x-zendesk-webhook-signature-timestamp': stamp,
      'x-zendesk-webhook-id': '01GMS85VXKNZ05SXS9VZR1E07B',
      'x-zendesk-webhook-invocation-id': '01GMS85VXKNZ05SXS9VZR1E07B',
    };
    expect(() => zendesk.verify(delivery(body, headers), secret)).not.toThrow();
    expect(() => zendesk.verify(delivery(`${body} `, headers), secret)).toThrow('wrong');
    expect(() => zendesk.verify(delivery(body, headers), 'another')).toThrow('wrong');
    const late = { ...headers, 'x-zendesk-webhook-signature-timestamp': '2026-11-21T11:40:00Z' };
    expect(() => zendesk.verify(delivery(body, late), secret)).toThrow('too far');
  });

  it('name the record, and what happened to it', () => {
    expect(told('zen:event-type:ticket.status_changed', 'zen:ticket:35436')).toEqual(
      one('tickets', '35436', 'changed'),
    );
    expect(told('zen:event-type:ticket.soft_deleted', 'zen:ticket:35436')).toEqual(one('tickets', '35436', 'deleted'));
    expect(told('zen:event-type:ticket.permanently_deleted', 'zen:ticket:7')).toEqual(one('tickets', '7', 'deleted'));
    expect(told('zen:event-type:ticket.undeleted', 'zen:ticket:7')).toEqual(one('tickets', '7', 'changed'));
    expect(told('zen:event-type:organization.deleted', 'zen:organization:6607619104125')).toEqual(
      one('organizations', '6607619104125', 'deleted'),
    );
    // One page of the reference writes these with a slash.
    expect(told('zen:event-type/user.merged', 'zen:user:6596848315901')).toEqual(
      one('users', '6596848315901', 'changed'),
    );
    expect(told('zen:event-type:user.group_membership_deleted', 'zen:user:9')).toEqual(one('users', '9', 'changed'));
  });

  it.each(['+012345-01-01T00:00:00Z', '-000100-01-01T00:00:00Z', '0000-06-01T00:00:00Z', 'soon'])(
    'have no time where it is %s',
    (time) => {
      const body = { ...event('zen:event-type:ticket.created', 'zen:ticket:7'), time };
      expect(zendesk.read(delivery(body))).toMatchObject({ events: [{ recordId: '7', at: null }] });
    },
  );

  it('tell by a switch that a user was deleted softly', () => {
    const type = 'zen:event-type:user.active_changed';
    expect(told(type, 'zen:user:9', { current: false, previous: true })).toEqual(one('users', '9', 'deleted'));
    expect(told(type, 'zen:user:9', { current: true, previous: false })).toEqual(one('users', '9', 'changed'));
  });

  it('are let pass where nothing of the kind is replicated, and refused where they are none', () => {
    expect(told('zen:event-type:article.published', 'zen:article:1')).toEqual({ kind: 'events', events: [] });
    expect(() => zendesk.read(delivery({ ticket_id: 7 }))).toThrow('not an event of Zendesk');
    expect(() => zendesk.read(delivery('{"id":'))).toThrow('not a JSON object');
  });
});

/** Odoo 19, base, models/ir_actions.py: what `_run_action_webhook` posts. */
describe('webhooks of Odoo', () => {
  const odoo = sourceOf('odoo');
  const body = { _action: 'Gantry: res.partner saved(#12)', _id: 7, _model: 'res.partner' };
  const at = (query: string): string => `https://gantry.example.com/hooks/address${query}`;

  it('prove themselves by the secret of their address, or by a header that a proxy adds', () => {
    expect(() => odoo.verify(delivery(body, {}, at('?key=s3cret&on=saved')), 's3cret')).not.toThrow();
    expect(() => odoo.verify(delivery(body, { 'x-gantry-secret': 's3cret' }), 's3cret')).not.toThrow();
    expect(() => odoo.verify(delivery(body, {}, at('?key=guessed')), 's3cret')).toThrow('wrong');
    expect(() => odoo.verify(delivery(body, { 'x-gantry-secret': 'no' }, at('?key=s3cret')), 's3cret')).toThrow();
    expect(() => odoo.verify(delivery(body), 's3cret')).toThrow('no header');
  });

  it('name model and record; a deletion is told by the address of its rule', () => {
    const read = (query: string) => odoo.read(delivery(body, {}, at(query)));
    const common = { object: 'res.partner', recordId: '7' };
    expect(read('?key=k&on=saved')).toMatchObject({ events: [{ ...common, what: 'changed', at: null }] });
    expect(read('?key=k&on=deleted')).toMatchObject({ events: [{ ...common, what: 'deleted', at: receivedAt }] });
    expect(read('')).toMatchObject({ events: [{ ...common, what: 'changed' }] });
  });

  it('of a version that calls before the commit are read a moment later', () => {
    const events = (query: string) => {
      const reading = odoo.read(delivery(body, {}, at(query)));
      return reading.kind === 'events' ? reading.events : [];
    };
    expect(events('?key=k&on=saved&early=1')[0]?.readAfterMs).toBeGreaterThanOrEqual(1_000);
    expect(events('?key=k&on=saved')[0]?.readAfterMs).toBeUndefined();
  });

  it('may have an id that is a text, and are refused without one', () => {
    expect(odoo.read(delivery({ ...body, _id: '7' }))).toMatchObject({ events: [{ recordId: '7' }] });
    expect(() => odoo.read(delivery({ _model: 'res.partner' }))).toThrow('not a webhook notification of Odoo');
  });
});

/** developers.google.com, Calendar API, "Get push notifications": headers, no body. */
describe('webhooks of Google Calendar', () => {
  const google = sourceOf('google_calendar');
  const headers = (state: string, resource: string, number = '10'): Record<string, string> => ({
    'x-goog-channel-id': '4ba78bf0-6a47-11e2-bcfd-0800200c9a66',
    'x-goog-channel-token': '398348u3tu83ut8uu38',
    'x-goog-channel-expiration': 'Tue, 24 Nov 2026 01:13:52 GMT',
    'x-goog-resource-id': 'ret08u3rv24htgh289g',
    'x-goog-resource-uri': `https://www.googleapis.com/calendar/v3/${resource}`,
    'x-goog-resource-state': state,
    'x-goog-message-number': number,
  });

  it('carry the token of their channel', () => {
    const sent = delivery('', headers('exists', 'calendars/my_calendar@gmail.com/events?alt=json'));
    expect(() => google.verify(sent, '398348u3tu83ut8uu38')).not.toThrow();
    expect(() => google.verify(sent, 'another')).toThrow('wrong');
  });

  it('say which list changed, and are told apart by channel and number', () => {
    const read = (...sent: Parameters<typeof headers>) => google.read(delivery('', headers(...sent)));
    const events = 'calendars/my_calendar@gmail.com/events?alt=json';
    expect(read('sync', events, '1')).toEqual({ kind: 'events', events: [] });
    expect(read('exists', events)).toEqual({
      kind: 'events',
      events: [
        {
          id: '4ba78bf0-6a47-11e2-bcfd-0800200c9a66/10',
          object: 'events',
          recordId: null,
          what: 'changed',
          at: null,
        },
      ],
    });
    expect(read('exists', 'users/me/calendarList?alt=json', '11')).toMatchObject({
      events: [{ id: '4ba78bf0-6a47-11e2-bcfd-0800200c9a66/11', object: 'calendars' }],
    });
    expect(read('not_exists', events, '12')).toMatchObject({ events: [{ object: 'events', what: 'changed' }] });
  });
});

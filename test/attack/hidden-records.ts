import { beforeAll, describe, expect, it } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../src/kernel/index.ts';
import { textsIn, type AttackStage, type Who } from './stage.ts';
import { thiefRequests, type Hidden, type Request } from './thief-requests.ts';

const THIEF: Who = 'acme/thief';
const OWNER: Who = 'acme/renewals-copilot';
const ARRIVES = { timeout: 120_000, interval: 100 };

/** What a grant hides is in no answer, and no answer depends on it. */
export function hiddenRecords(stage: () => AttackStage): void {
  describe('records and fields that a grant hides', () => {
    let hidden: Hidden;
    let secrets: readonly string[];

    const listed = (object: string, filter: object, fields: readonly string[]) =>
      stage().rows(OWNER, 'query_records', { object, filter, fields, limit: 200 });

    beforeAll(async () => {
      const accounts = await listed('account', { status: ['churned', 'at_risk'] }, [
        'name',
        'website',
        'customer_number',
      ]);
      const deals = await listed('deal', { stage: 'lost' }, ['name']);
      const tickets = await listed('ticket', { status: ['solved', 'closed'] }, ['contract_number', 'requester_email']);
      const meetings = await listed('meeting', { kind: 'qbr' }, ['subject']);
      const refs = [deals, tickets, meetings].flatMap((rows) => rows.map((row) => String(row.at(-1))));
      const texts = [accounts, deals, tickets, meetings].flatMap((rows) => rows.flatMap((row) => row.slice(0, -1)));
      // Hidden by the name of the field, whatever the record is.
      const emails = (await listed('contact', {}, ['email'])).map(([email]) => email ?? null);
      const all = new Set([...refs, ...[...texts, ...emails].filter((text) => typeof text === 'string')]);
      // What visible records say as well is no secret.
      const open = (await listed('account', { status: ['active', 'prospect'] }, ['name'])).map(([name]) =>
        String(name),
      );
      secrets = [...all].filter((text) => text.length > 5 && !open.some((name) => text.includes(name)));
      hidden = {
        account: String(accounts[0]?.at(-1)),
        deal: String(deals[0]?.at(-1)),
        ticket: String(tickets[0]?.at(-1)),
        ...(await meetingOfTwoSystems(stage(), meetings)),
        words: [String(accounts[0]?.[0]), 'Geheim', 'Quartalsgespräch'],
      };
      expect(secrets.length).toBeGreaterThan(200);
    });

    const ask = async ([tool, args]: Request): Promise<JsonObject> => (await stage().call(THIEF, tool, args)).content;
    const askAll = async (): Promise<Answers> => {
      const answers: (readonly [Request, JsonObject])[] = [];
      for (const request of thiefRequests(hidden)) answers.push([request, await ask(request)]);
      return answers;
    };

    it('are in no answer, error or suggestion, however they are asked for', async () => {
      const answers = await askAll();
      const found = answers.flatMap(([request, answer]) => {
        const text = textsIn(answer).join('\n');
        // What the request said itself may come back.
        const said = JSON.stringify(request[1]);
        const tells = (secret: string): boolean => {
          const at = text.indexOf(secret);
          return at >= 0 && !/[\w]/.test(text[at + secret.length] ?? '') && !said.includes(secret);
        };
        return [...secrets, ...hiddenNames].filter(tells).map((secret) => [request, secret] as const);
      });
      expect(found).toEqual([]);
      // Most requests are answered: a stage where all fail would prove nothing.
      const rows = answers.flatMap(([, { rows: given }]) => (Array.isArray(given) ? given : []));
      expect(rows.length).toBeGreaterThan(1_000);
      expect(answers.filter(([, { code }]) => code === 'internal')).toEqual([]);
    });

    it('change no answer when they change', async () => {
      const before = await askAll();
      const changed = await changeHidden(stage(), hidden);
      await expect.poll(() => listed('deal', { crm_id: changed.gone }, ['crm_id']), ARRIVES).toEqual([]);
      await expect.poll(() => listed('account', { name: changed.account }, ['crm_id']), ARRIVES).toHaveLength(1);
      await expect.poll(() => listed('meeting', { subject: changed.meeting }, ['crm_id']), ARRIVES).toHaveLength(1);
      await expect.poll(() => listed('ticket', { subject: changed.ticket }, ['subject']), ARRIVES).toHaveLength(1);
      const after = await askAll();
      expect(differing(before, after)).toEqual([]);
    });

    it('are fields too: of records that are seen, what is hidden may change and no answer does', async () => {
      const before = await askAll();
      const [account] = await stage().rows(THIEF, 'query_records', { object: 'account', fields: ['crm_id'], limit: 1 });
      const [deal] = await stage().rows(THIEF, 'query_records', { object: 'deal', fields: ['crm_id'], limit: 1 });
      const fields = { Website: 'https://geheim.example', Phone: '+49 1' };
      await system('crm').mutate({ op: 'update', object: 'Account', id: String(account?.[0]), fields });
      await system('crm').mutate({
        op: 'update',
        object: 'Opportunity',
        id: String(deal?.[0]),
        fields: { NextStep: 'Geheim' },
      });
      await stage().acme.operator.sync('crm', ['Account', 'Opportunity']);
      await expect.poll(() => listed('account', { website: fields.Website }, ['crm_id']), ARRIVES).toHaveLength(1);
      await expect.poll(() => listed('deal', { next_step: 'Geheim' }, ['crm_id']), ARRIVES).toHaveLength(1);
      // That a record changed is told, not what in it.
      const timed = ([, args]: Request): boolean => /changed_since|_at\b|select \*/.test(JSON.stringify(args));
      expect(
        differing(
          before.filter(([request]) => !timed(request)),
          await askAll(),
        ),
      ).toEqual([]);
    });

    it('have nothing to do with the currency of an amount, whose field is not even named', async () => {
      const { content } = await stage().call(THIEF, 'describe', { names: ['deal.contract_value'], detail: 'full' });
      expect(JSON.stringify(content)).not.toContain('currency_field');
      const whole = await stage().call(OWNER, 'describe', { names: ['deal.contract_value'] });
      expect(whole.content).toMatchObject({ objects: [{ fields: [{ currency_field: 'currency' }] }] });
    });

    it('name no record of another system that says nothing of the visible fields', async () => {
      const id = (await doubled(stage(), { kind: 'call' })).crm;
      const told = await stage().call('acme/meetings-clerk', 'get_record', { object: 'meeting', id, fields: ['kind'] });
      expect(told.content).toMatchObject({ code: 'query_field_unknown' });
      const seen = await stage().call(THIEF, 'get_record', { object: 'meeting', id, fields: ['kind'] });
      expect(seen.content).toMatchObject({ rows: [['call', id]], merged_from: [{ ref: id, fields: ['kind'] }] });
      expect(JSON.stringify(seen.content['merged_from'])).not.toContain('calendar/');
    });

    it('that were deleted are not named, those that were seen are', async () => {
      const [visible] = await listed('ticket', { status: 'open' }, ['ticket_id']);
      const [solved] = await listed('ticket', { status: 'solved' }, ['ticket_id']);
      for (const row of [visible, solved]) {
        await system('support').mutate({ op: 'delete', object: 'tickets', id: String(row?.[0]) });
      }
      await readTickets(stage());
      const deleted = async (who: Who): Promise<Json | undefined> =>
        (await stage().call(who, 'query_records', { object: 'ticket', changed_since: { ago: '1h' } })).content[
          'deleted'
        ];
      const refs = [visible, solved].map((row) => String(row?.at(-1)));
      await expect.poll(() => deleted(OWNER), ARRIVES).toEqual(expect.arrayContaining(refs));
      expect(await deleted(THIEF)).toEqual([refs[0]]);
    });

    const system = (name: string) => systemOf(stage(), name);
  });
}

/** Names of fields and objects that the thief has not, which no answer may say first. */
const hiddenNames = [
  'customer_number',
  'annual_revenue',
  'Kundenstatus__c',
  'currency_field',
  'next_step',
  'renewal_date',
  'contract_number',
  'revenue_at_risk',
  'requester_email',
  'contact',
  'crm.Opportunity',
  '_derived',
];

const systemOf = ({ acme }: AttackStage, name: string) => {
  const system = acme.systems.get(name);
  if (system === undefined) throw new Error(`acme has no ${name}`);
  return system;
};

/** A meeting that the CRM and a calendar know: the references of both records. */
async function doubled(
  stage: AttackStage,
  filter: object,
): Promise<{ readonly crm: string; readonly calendar: string }> {
  const args = { object: 'meeting', filter, fields: ['crm_id'], limit: 200 };
  for (const row of await stage.rows(OWNER, 'query_records', args)) {
    const id = String(row.at(-1));
    const { content } = await stage.call(OWNER, 'get_record', { object: 'meeting', id });
    const refs = (content['merged_from'] ?? []) as unknown as readonly { readonly ref: string }[];
    const calendar = refs.find(({ ref }) => ref.startsWith('calendar/'))?.ref;
    if (calendar !== undefined && id.startsWith('crm/')) return { crm: id, calendar };
  }
  throw new Error('no meeting is in both systems');
}

async function meetingOfTwoSystems(
  stage: AttackStage,
  meetings: readonly (readonly Json[])[],
): Promise<Pick<Hidden, 'meeting' | 'calendarEvent'>> {
  expect(meetings.length).toBeGreaterThan(0);
  const { crm, calendar } = await doubled(stage, { kind: 'qbr' });
  return { meeting: crm, calendarEvent: calendar };
}

/** Changes, makes and deletes what the thief may not see, upstream, and has it read. */
async function changeHidden(stage: AttackStage, { account, ticket, meeting, deal }: Hidden) {
  const id = (ref: string): string => ref.split('/').at(-1) ?? '';
  const [crm, support] = [systemOf(stage, 'crm'), systemOf(stage, 'support')];
  const names = { account: 'Geheimfund GmbH', meeting: 'Geheimtreffen', ticket: 'Geheimes Leid' };
  await crm.mutate({
    op: 'update',
    object: 'Account',
    id: id(account),
    fields: { Name: names.account, BillingCity: 'Aachen', Phone: '0' },
  });
  const lost = await stage.rows(OWNER, 'query_records', {
    object: 'deal',
    filter: { stage: 'lost' },
    fields: ['crm_id'],
  });
  const gone = lost.map(([crmId]) => String(crmId)).find((crmId) => crmId !== id(deal)) ?? '';
  await crm.mutate({
    op: 'update',
    object: 'Opportunity',
    id: id(deal),
    fields: { Name: 'AAA Geheim', Auftragswert__c: 1 },
  });
  await crm.mutate({ op: 'delete', object: 'Opportunity', id: gone });
  await crm.mutate({
    op: 'update',
    object: 'Event',
    id: id(meeting),
    fields: { Subject: names.meeting, StartDateTime: '2035-01-01T00:00:00.000Z' },
  });
  await support.mutate({ op: 'update', object: 'tickets', id: id(ticket), fields: { subject: names.ticket } });
  await stage.acme.operator.sync('crm', ['Account', 'Opportunity', 'Event']);
  await readTickets(stage);
  return { ...names, gone };
}

/** The help desk's feed of changes keeps back its last minute. */
async function readTickets(stage: AttackStage): Promise<void> {
  await systemOf(stage, 'support').control('POST', 'clock', { advanceMs: 61_000 });
  await stage.acme.operator.sync('support', ['tickets']);
}

type Answers = readonly (readonly [Request, JsonObject])[];

/** Requests that were answered in another way the second time. */
function differing(before: Answers, after: Answers): readonly object[] {
  const later = new Map(after.map(([request, answer]) => [JSON.stringify(request), answer]));
  return before.flatMap(([request, answer]) => {
    const [was, is] = [timeless(answer), timeless(later.get(JSON.stringify(request)) ?? null)];
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ request, was, is }];
  });
}

/** An answer without what time alone changes. */
function timeless(answer: Json): Json {
  if (Array.isArray(answer)) return (answer as readonly Json[]).map(timeless);
  if (!isJsonObject(answer)) return answer;
  const kept = Object.entries(answer).filter(([key]) => !['freshness', 'as_of', 'request_id'].includes(key));
  return Object.fromEntries(
    kept.map(([key, item]) => [
      key,
      key === 'next_cursor' && typeof item === 'string' ? item.split('~').toSpliced(1, 1).join('~') : timeless(item),
    ]),
  );
}

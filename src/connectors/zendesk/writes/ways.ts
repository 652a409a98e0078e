import type { NativeObject } from '../../../schema/index.ts';
import type { WayAnswer, WriteForm, WriteOperation, WriteWay } from '../../writes.ts';

/** Objects that are written, with what Zendesk's addresses and bodies call one and many of them. */
export const WRITTEN = {
  tickets: { one: 'ticket', many: 'tickets' },
  users: { one: 'user', many: 'users' },
  organizations: { one: 'organization', many: 'organizations' },
} as const;

export type WrittenObject = keyof typeof WRITTEN;

export const isWritten = (name: string): name is WrittenObject => Object.hasOwn(WRITTEN, name);

/** Every "many" endpoint of the Ticketing API takes at most 100 records and answers with a job. */
export const JOB_RECORDS_MAX = 100;
/** A job costs its own call and some questions: from here on it pays. */
const JOB_RECORDS_FROM = 6;
/** Questions about a job until it has ended, as a rule. */
const POLLS = 2;

const single: WriteForm = { name: 'single', recordsMax: 1, recordsFrom: 1, job: false };
const job: WriteForm = { name: 'job', recordsMax: JOB_RECORDS_MAX, recordsFrom: JOB_RECORDS_FROM, job: true };

/** Where our key stands: found by list and show_many; of users and organizations it is unique. */
export const KEY_FIELD = 'external_id';

/** Zendesk gives calls up after a minute; jobs begin within seconds, unless many wait. */
const SETTLE_MS = 60_000;

const common = { forms: [single, job], settleMs: SETTLE_MS, sideEffects: [] } as const;

const TRIGGERS = 'Triggers of the account run, which may send mails to the requester and to agents.';

/**
 * How Zendesk takes what (developer.zendesk.com: "Tickets", "Users",
 * "Organizations", and "Idempotency" of the Ticketing API). Tickets are made
 * with an idempotency key one by one; in a job, and beyond the two hours for
 * which the key is kept, they are found by their external id.
 */
export function wayOf(object: NativeObject, operation: WriteOperation): WayAnswer {
  if (!isWritten(object.name)) return noWay(`Zendesk ${object.label} are read only here.`);
  switch (operation) {
    case 'create':
      return way(
        object.name === 'tickets'
          ? { ...common, dedupe: 'native_key', keyField: KEY_FIELD, sideEffects: [TRIGGERS] }
          : { ...common, dedupe: 'external_id', keyField: KEY_FIELD },
        { reversibility: 'compensating' },
      );
    case 'update':
      return way(
        object.name === 'tickets'
          ? { ...common, dedupe: 'conditional', conditional: true, sideEffects: [TRIGGERS] }
          : { ...common, dedupe: 'conditional' },
        { reversibility: 'exact' },
      );
    case 'upsert':
      if (object.name === 'tickets')
        return noWay('Zendesk has no create-or-update for tickets: external ids of tickets need not be unique.');
      return way(
        // Organizations have no create-or-update for many.
        { ...common, dedupe: 'external_id', forms: object.name === 'users' ? [single, job] : [single] },
        { reversibility: 'compensating' },
      );
    case 'delete':
      return way({ ...common, dedupe: 'conditional' }, { reversibility: 'none' });
  }
}

type Given = Partial<WriteWay> & Pick<WriteWay, 'dedupe' | 'forms' | 'settleMs' | 'sideEffects'>;

function way(given: Given, more: Pick<WriteWay, 'reversibility'>): WayAnswer {
  return { kind: 'way', way: { conditional: false, keyField: null, ...given, ...more } };
}

const noWay = (why: string): WayAnswer => ({ kind: 'no_way', why });

export function callsFor(form: string, records: number): number {
  return form === 'job' ? Math.ceil(records / JOB_RECORDS_MAX) * (1 + POLLS) : records;
}

import type { Json } from '../kernel/index.ts';
import type { WriteOperation } from './writes.ts';

/** What people mean, whatever app it happens in: one name and one shape of input for all of them. */
export const intentNames = ['create_task', 'log_activity', 'upsert_contact', 'update_deal_stage'] as const;

export type IntentName = (typeof intentNames)[number];

export interface Intent {
  readonly name: IntentName;
  readonly title: string;
  /** For agents. */
  readonly why: string;
  /** What is done to the record: one that is there is named by `id`. */
  readonly on: Extract<WriteOperation, 'create' | 'update' | 'upsert'>;
  readonly input: Readonly<Record<string, IntentInput>>;
  /** Of upserts: the input by which the record is found. */
  readonly by: string | null;
}

export interface IntentInput {
  /** `record`: a record of the same system, as answers name it: `crm/Account/001...`. */
  readonly type: 'string' | 'date' | 'datetime' | 'integer' | 'enum' | 'record';
  readonly values?: readonly string[];
  readonly required?: true;
  readonly why?: string;
}

/** How an app does it; data of its connector (`intents` of connector.yaml). */
export interface IntentWay {
  /** Native. */
  readonly object: string;
  /** Input that decides between several ways, and its values that lead to this one; empty: any. */
  readonly when: Readonly<Record<string, readonly string[]>>;
  /** By native field: what it becomes. What is not given is not written. */
  readonly sets: Readonly<Record<string, IntentSource>>;
  /** What the app needs beside what every app does, with why. `new`: only where a record is made. */
  readonly needs: Readonly<Record<string, { readonly of: 'all' | 'new'; readonly why: string }>>;
  readonly sideEffects: readonly string[];
}

export type IntentSource =
  | { readonly kind: 'value'; readonly value: Exclude<Json, object> }
  | {
      readonly kind: 'input';
      /** The first that is given counts. */
      readonly names: readonly string[];
      /** What the app calls the input's values. */
      readonly values: Readonly<Record<string, string>> | null;
      readonly html: boolean;
      /** Not every customer has the field: left out where it is not there. */
      readonly optional: boolean;
    }
  /** Id of the record, where it is one of these native objects; `of` null: whatever it is. */
  | {
      readonly kind: 'record';
      readonly name: string;
      readonly part: 'id' | 'object';
      readonly of: readonly string[] | null;
    }
  /** The input is what people call another record: its id, found by field `by`. */
  | { readonly kind: 'found'; readonly name: string; readonly object: string; readonly by: string };

/** By intent; the first way whose `when` holds is taken. An intent that is absent cannot be done in this app. */
export type ConnectorIntents = ReadonlyMap<IntentName, readonly IntentWay[]>;

const notes = { type: 'string', why: 'Text below it.' } as const;

export const intents: ReadonlyMap<string, Intent> = new Map(
  (
    [
      {
        name: 'create_task',
        title: 'Create a task',
        why: 'Somebody has to do something by some day.',
        on: 'create',
        by: null,
        input: {
          subject: { type: 'string', required: true },
          due_on: { type: 'date' },
          notes,
          priority: { type: 'enum', values: ['low', 'normal', 'high'] },
          about: { type: 'record', why: 'What it is about: the `_ref` of a record of that system.' },
          assignee: { type: 'record', why: 'Who does it: the `_ref` of a user of that system.' },
        },
      },
      {
        name: 'log_activity',
        title: 'Log an activity',
        why: 'Something happened that the others should find later.',
        on: 'create',
        by: null,
        input: {
          kind: { type: 'enum', values: ['call', 'email', 'meeting', 'note'], required: true },
          subject: { type: 'string', required: true },
          at: { type: 'datetime', why: 'When it was.' },
          minutes: { type: 'integer', why: 'How long it took.' },
          notes,
          about: { type: 'record', why: 'What it was about: the `_ref` of a record of that system.' },
        },
      },
      {
        name: 'upsert_contact',
        title: 'Create or update a contact',
        why: 'A person, found by the address; entered where nobody has it.',
        on: 'upsert',
        by: 'email',
        input: {
          email: { type: 'string', required: true },
          last_name: { type: 'string', required: true },
          first_name: { type: 'string' },
          phone: { type: 'string' },
          job_title: { type: 'string' },
          account: { type: 'record', why: 'The company: the `_ref` of a record of that system.' },
        },
      },
      {
        name: 'update_deal_stage',
        title: 'Move a deal to a stage',
        why: 'The deal that `id` names stands elsewhere now.',
        on: 'update',
        by: null,
        input: {
          stage: { type: 'string', required: true, why: 'As describe lists it for the deal.' },
        },
      },
    ] satisfies readonly Intent[]
  ).map((intent) => [intent.name, intent]),
);

/** What follows from an input and is no input itself, by name; `sets` may name these, too. */
export const derivedInputs: Readonly<Record<IntentName, readonly string[]>> = {
  create_task: ['due_at'],
  log_activity: ['day', 'ends_at'],
  upsert_contact: ['full_name'],
  update_deal_stage: [],
};

/** Minutes that a meeting is long of which nobody says how long. */
const MEETING_MINUTES = 30;

/** The input with what follows from it. Its values fit their types. */
export function withDerived(given: ReadonlyMap<string, Json>): ReadonlyMap<string, Json> {
  const text = (name: string): string | null => {
    const value = given.get(name);
    return typeof value === 'string' ? value : null;
  };
  const [due, at, last] = [text('due_on'), text('at'), text('last_name')];
  const minutes = given.get('minutes');
  const length = (typeof minutes === 'number' ? minutes : MEETING_MINUTES) * 60_000;
  return new Map<string, Json>([
    ...given,
    // Noon: the same day nearly everywhere.
    ...(due === null ? [] : [['due_at', `${due}T12:00:00Z`] as const]),
    ...(at === null
      ? []
      : ([
          ['day', at.slice(0, 10)],
          ['ends_at', new Date(Date.parse(at) + length).toISOString()],
        ] as const)),
    ...(last === null ? [] : [['full_name', [text('first_name'), last].filter(Boolean).join(' ')] as const]),
  ]);
}

import { systemOf } from '../acts/act.ts';
import { canaryOf } from '../checker/facts.ts';
import { adminOf } from '../../sandbox/client/index.ts';
import type { Scene } from '../scene.ts';
import type { Wanted } from '../stage/writer.ts';
import { prepared, recordMade } from './made.ts';

/** One write of each dedupe class (docs/writes.md has the letters), where the providers of the stage have it. */
export interface Way {
  readonly letter: 'A' | 'B' | 'C' | 'D' | 'E' | 'F';
  /** What the plan has to call it. */
  readonly dedupe: string;
  readonly tenant: string;
  readonly integration: string;
  /** What is asked for; `text` is its own, `place` the calendar, or the record that is changed. */
  readonly wanted: (text: string, place: string) => Wanted;
  /** Where such a write goes; the record that is changed is made anew. */
  readonly place: (scene: Scene) => Promise<string>;
}

export const ways: readonly Way[] = [
  {
    letter: 'A',
    dedupe: 'native_key',
    tenant: 'acme',
    integration: 'support',
    wanted: (text) => created('support.tickets', { subject: text, description: text }),
    place: nowhere,
  },
  {
    letter: 'B',
    dedupe: 'external_id',
    tenant: 'acme',
    integration: 'crm',
    wanted: (text) => created('crm.Contact', { LastName: text }),
    place: nowhere,
  },
  {
    letter: 'C',
    dedupe: 'chosen_id',
    tenant: 'globex',
    integration: 'calendar',
    wanted: (text, calendar) => created('calendar.events', { calendarId: calendar, summary: text, ...HOUR }),
    place: async (scene) => adminOf(systemOf(scene, 'calendar').sandbox).username,
  },
  {
    letter: 'D',
    dedupe: 'conditional',
    tenant: 'acme',
    integration: 'crm',
    wanted: (text, id) => changed('crm.Contact', { id: `crm/Contact/${id}`, values: { LastName: text } }),
    place: (scene) => recordMade(scene, 'crm', 'Contact', { LastName: `${canaryOf('acme')}before` }),
  },
  {
    letter: 'E',
    dedupe: 'marker',
    tenant: 'globex',
    integration: 'erp',
    wanted: (text) => created('erp.crm.lead', { name: text, type: 'opportunity' }),
    place: nowhere,
  },
  {
    letter: 'F',
    dedupe: 'none',
    tenant: 'globex',
    integration: 'erp',
    wanted: (text) => created('erp.res.partner', { name: text }),
    place: nowhere,
  },
];

async function nowhere(): Promise<string> {
  return '';
}

const HOUR = { start_dateTime: '2027-03-01T09:00:00Z', end_dateTime: '2027-03-01T10:00:00Z' } as const;

const created = (object: string, values: object): Wanted => ({ operation: 'create', object, records: [{ values }] });

export const changed = (object: string, ...records: readonly object[]): Wanted => ({
  operation: 'update',
  object,
  records,
});

export function wayOf(letter: Way['letter']): Way {
  const found = ways.find((way) => way.letter === letter);
  if (found === undefined) throw new Error(`no way ${letter}`);
  return found;
}

let count = 0;

/** A text that nobody has written before: by it the checker knows a write again in the provider's ledger. */
export const newText = (tenant: string): string => `${canaryOf(tenant)}written-${String((count += 1))}`;

/** A plan of one write, by its own text. */
export async function preparedWay(scene: Scene, way: Way): Promise<{ readonly plan: string; readonly text: string }> {
  const text = newText(way.tenant);
  const plan = await prepared(scene, way.tenant, way.wanted(text, await way.place(scene)));
  const [write] = await scene.stage.sql<{ dedupe: string }>(
    "select content ->> 'dedupe' as dedupe from write_content where plan = $1",
    [plan],
  );
  // Else the case would speak of a class that nobody tried.
  if (write?.dedupe !== way.dedupe)
    throw new Error(`a write of class ${way.letter} is ${String(write?.dedupe)}, not ${way.dedupe}`);
  return { plan, text };
}

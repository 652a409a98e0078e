import type { Stage } from '../stage/open-stage.ts';
import type { ObjectProgress } from '../stage/operator.ts';
import type { Bar, Terminal } from './terminal.ts';

/** What people call the systems. */
export const titles: Readonly<Record<string, string>> = {
  salesforce: 'Salesforce',
  zendesk: 'Zendesk',
  google_calendar: 'Google Calendar',
  odoo: 'Odoo',
};

export interface FirstLoad {
  readonly records: number;
  readonly objects: number;
  readonly ms: number;
  readonly upstreamCalls: number;
}

/** Signs in to acme's systems, and shows how everything they hold arrives. */
export async function firstLoad(stage: Stage, terminal: Terminal): Promise<FirstLoad> {
  const started = performance.now();
  for (const [integration, { health }] of stage.acme.systems) {
    await stage.acme.connect(integration);
    const name = titles[health.provider] ?? health.provider;
    terminal.line(`  ${`${name}:`.padEnd(16)} signed in, consent given, tokens in the vault`);
  }
  await stage.operator.loaded([...stage.acme.systems.keys()], (objects) => terminal.progress(barsOf(objects), false));
  const objects = await stage.operator.progress();
  terminal.progress(barsOf(objects), true);
  return {
    records: objects.reduce((sum, object) => sum + object.records, 0),
    objects: objects.length,
    ms: performance.now() - started,
    upstreamCalls: stage.upstreamCalls(),
  };
}

/** A bar per object that feeds a model; one for all the custom objects that came along. */
function barsOf(objects: readonly ObjectProgress[]): Bar[] {
  const named = objects.filter(({ object }) => !object.endsWith('__c'));
  const custom = objects.filter(({ object }) => object.endsWith('__c'));
  const bars = named.map(({ connection, object, records, expected, backfill }) => ({
    label: `${connection}.${object}`,
    value: records,
    total: backfill === 'complete' ? records : expected,
  }));
  if (custom.length === 0) return bars;
  const done = custom.filter(({ backfill }) => backfill === 'complete').length;
  return [...bars, { label: 'crm custom objects', value: done, total: custom.length }];
}

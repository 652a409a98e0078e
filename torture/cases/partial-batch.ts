import { systemOf } from '../acts/act.ts';
import { settle } from '../scene.ts';
import { committed, prepared, statesOf, until } from '../writing/made.ts';
import { newText, wayOf } from '../writing/ways.ts';
import type { TortureCase } from './case.ts';

const CONTACTS = 60;
const EVENTS = 12;
/** Five kinds, as the provider names them; one of them passes. */
const REFUSALS = [
  { error: 'UNABLE_TO_LOCK_ROW', times: 6 },
  { error: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', times: 5 },
  { error: 'DUPLICATES_DETECTED', times: 4 },
  { error: 'INSUFFICIENT_ACCESS_OR_READONLY', times: 4 },
  { error: 'STRING_TOO_LONG', times: 3 },
];

/** Some records of a batch are refused, some for now and some for good; and another system has enough in the middle of one. */
export const partialBatch: TortureCase = {
  name: 'partial-batch',
  rows: ['W6', 'W8', 'S11'],
  needs: ['crm', 'calendar'],
  run: async (scene) => {
    const { result } = scene;
    const crm = systemOf(scene, 'crm').sandbox;
    const calendar = systemOf(scene, 'calendar').sandbox;
    const contacts = { operation: 'create', object: 'crm.Contact', records: newRecords('acme', CONTACTS) } as const;
    const batch = await prepared(scene, 'acme', contacts);
    const { tenant, wanted, place } = wayOf('C');
    const where = await place(scene);
    const records = Array.from({ length: EVENTS }, () => wanted(newText(tenant), where).records).flat();
    const events = await prepared(scene, tenant, { ...wanted('', where), records });
    await crm.control(
      'POST',
      'fail',
      REFUSALS.map((refusal, at) => ({ object: 'Contact', op: 'create', share: 0.2, seed: at + 1, ...refusal })),
    );
    const limited = { match: { method: 'POST', path: '/calendar/v3/calendars' }, after: 5, times: 2 };
    await calendar.control('POST', 'faults', { ...limited, action: { status: 429, headers: { 'retry-after': '2' } } });
    await committed(scene, 'acme', batch);
    await committed(scene, tenant, events);
    await until(async () => (await statesOf(scene, batch)).some((state) => state === 'succeeded'));
    await settle(scene, 'partial-batch');
    const states = await statesOf(scene, batch);
    const failed = states.filter((state) => state === 'failed').length;
    if (failed === 0 || failed === CONTACTS) result.notRun.add(`partial-batch: ${String(failed)} of the batch failed`);
    await crm.control('DELETE', 'fail');
  },
};

const newRecords = (tenant: string, count: number): readonly object[] =>
  Array.from({ length: count }, () => ({ values: { LastName: newText(tenant) } }));

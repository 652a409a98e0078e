import type { Caller, PrincipalRights, StreamRights } from '../../src/access/index.ts';
import { GantryError, type Json } from '../../src/kernel/index.ts';
import type { QueryRequest } from '../../src/query/index.ts';
import { feeds, modelFields } from '../../test/query/catalogue.ts';
import { smallData } from '../../test/query/small-data.ts';
import {
  allObjects,
  NOW,
  openWorld,
  type GrantSpec,
  type QueryWorld,
  type TestData,
  type TestRow,
} from '../../test/query/world.ts';
import { hiddenRows } from './hidden-rows.ts';

/** What came of a question: rows, or an error in the words that the caller is told. */
export type Outcome = { readonly rows: string; readonly n: number } | { readonly code: string; readonly text: string };

/** The one class that the user is in; hidden rows are in another or in none. */
const SHOWN = 1;
/** Native fields that the user may not read, of objects and of the models over them. */
const masked: Readonly<Record<string, readonly string[]>> = {
  'crm.Account': ['employees'],
  'crm.Opportunity': ['fees'],
};

/**
 * Two lenses: `whole` has everything, and its caller the rights to some of it;
 * `alone` has what that caller may see, and nothing else. Whatever is asked,
 * both must answer alike: in rows, in errors, in whether there is one.
 */
export interface HostileWorld {
  readonly whole: QueryWorld;
  /** Models and native objects, with the fields that the caller may see. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly sql: (text: string) => Promise<readonly [whole: Outcome, alone: Outcome]>;
  readonly records: (request: QueryRequest) => Promise<readonly [whole: Outcome, alone: Outcome]>;
  /** A colleague's question about the whole lens; the right answer or not. */
  readonly control: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export async function openHostileWorld(): Promise<HostileWorld> {
  const shown = Object.fromEntries(
    Object.entries(smallData).map(([table, rows]) => [table, rows.map((row) => ({ ...row, _acl: SHOWN }))]),
  );
  const all: TestData = Object.fromEntries(
    Object.entries(shown).map(([table, rows]) => [table, [...rows, ...(hiddenRows[table] ?? [])]]),
  );
  const without = (table: string, { _id, ...row }: TestRow): TestRow => ({
    _id,
    ...Object.fromEntries(Object.entries(row).filter(([name]) => !masked[table]?.includes(name))),
  });
  const visible: TestData = Object.fromEntries(
    Object.entries(shown).map(([table, rows]) => [table, rows.map((row) => without(table, row))]),
  );
  const [whole, alone] = await Promise.all([openWorld(all), openWorld(visible)]);
  const models = Object.keys(modelFields).filter((model) => (feeds[model] ?? []).some((table) => table in smallData));
  const seen = (model: string): string[] =>
    (modelFields[model] ?? [])
      .map(([name]) => name)
      .filter((name) => name !== 'iban')
      .filter((name) => feeds[model]?.some((table) => !masked[table]?.includes(name)));
  const fields = new Map(models.map((model) => [model, seen(model)]));
  const natives = Object.keys(smallData).filter((table) => table.startsWith('crm.'));
  for (const table of natives) {
    const model = models.find((name) => feeds[name]?.includes(table)) ?? '';
    fields.set(
      table,
      (modelFields[model] ?? [])
        .map(([name]) => name)
        .filter((name) => name !== 'iban' && !masked[table]?.includes(name)),
    );
  }
  const thief = whole.callerAs(rightsIn(whole), allObjects);
  const grant: GrantSpec = Object.fromEntries([...fields].map(([object, names]) => [object, { fields: names }]));
  const oracle = alone.caller(grant);
  const colleague = whole.caller(allObjects, {}, 'colleague');
  const deals = (all['crm.Opportunity']?.length ?? 0) + (all['erp.Order']?.length ?? 0);
  const sqlOf = (world: QueryWorld, caller: Caller, sql: string): Promise<Outcome> =>
    outcome(world.service.querySql(caller, world.catalogue, { sql }));
  const recordsOf = (world: QueryWorld, caller: Caller, request: QueryRequest): Promise<Outcome> =>
    outcome(world.service.queryRecords(caller, world.catalogue, request));
  return {
    whole,
    fields,
    sql: (text) => Promise.all([sqlOf(whole, thief, text), sqlOf(alone, oracle, text)]),
    records: (request) => Promise.all([recordsOf(whole, thief, request), recordsOf(alone, oracle, request)]),
    control: async () => {
      const answer = await recordsOf(whole, colleague, { object: 'deal', measures: [{ count: '*' }] });
      return 'rows' in answer && answer.rows === JSON.stringify([[deals]]);
    },
    close: async () => {
      await Promise.all([whole.close(), alone.close()]);
    },
  };
}

function rightsIn(world: QueryWorld): PrincipalRights {
  const streams = new Map(
    [...world.streams].map(([table, stream]): readonly [typeof stream, StreamRights] => {
      const model = Object.keys(feeds).find((name) => feeds[name]?.includes(table)) ?? '';
      const names = (modelFields[model] ?? []).map(([name]) => name).filter((name) => !masked[table]?.includes(name));
      return [stream, { kind: 'known', by: 'shares', classes: [SHOWN], fields: new Set(names), asOf: NOW }];
    }),
  );
  return { principal: 'ann', version: 'v1', streams };
}

async function outcome(
  asked: Promise<{
    readonly rows: readonly (readonly Json[])[];
    readonly columns: unknown;
    readonly warnings?: unknown;
  }>,
): Promise<Outcome> {
  try {
    const { rows } = await asked;
    const texts = rows.map((row) => JSON.stringify(row.map(rounded))).toSorted();
    return { rows: `[${texts.join(',')}]`, n: rows.length };
  } catch (error) {
    if (!(error instanceof GantryError)) return { code: 'not_a_gantry_error', text: String(error) };
    return { code: error.code, text: JSON.stringify(error.toBody()) };
  }
}

/** Sums differ in their last bits between two orders of adding up. */
const rounded = (value: Json): Json =>
  typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(10)) : value;

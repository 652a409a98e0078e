import { isJsonObject, type Json } from '../../src/kernel/index.ts';
import type { Tally } from '../suite.ts';
import { askAtRandom } from './ask-at-random.ts';
import { shownOf, type Held } from './at-rest.ts';
import type { Draw } from './draw.ts';
import { rowsIn, type Ask } from './doors.ts';
import { modelKinds } from './model-questions.ts';
import { nativesOf, seesAll, viewOf, type Natives, type Sees } from './model-view.ts';
import { modelsOf, type Model } from './models.ts';
import type { ParityStage } from './stage.ts';
import type { Person, Sights } from './system.ts';
import type { Shown, Table } from './tables.ts';

/** Models that systems of one customer feed together. */
export interface ModelParity {
  readonly models: readonly Model[];
  readonly natives: Natives;
  readonly tables: ReadonlyMap<string, Table>;
}

/** Also finds out whether the oracle maps as Gantry does, where nothing is hidden. */
export async function openModels(
  stages: readonly ParityStage[],
  held: ReadonlyMap<string, ReadonlyMap<string, Held>>,
  tally: Tally,
): Promise<ModelParity> {
  const models = modelsOf(stages.flatMap(({ system }) => (system.isWhole ? [system.integration] : [])));
  const natives = await nativesOf(stages, models);
  const [stage] = stages;
  const tables = new Map<string, Table>();
  for (const model of models) {
    const view = viewOf(model, natives, seesAll(held));
    tables.set(model.name, view.table);
    if (stage !== undefined) await compareRows(stage.ask, null, view, tally);
  }
  return { models, natives, tables };
}

/** What one person is shown of each system, by its integration. */
export interface PersonThere {
  readonly stage: ParityStage;
  readonly person: Person;
  readonly sights: Sights;
}

const QUESTIONS = 20;

/** Rows, fields and questions of one person about models. */
export async function compareModels(
  { models, natives, tables }: ModelParity,
  about: {
    readonly ask: Ask;
    readonly there: readonly PersonThere[];
    readonly held: ReadonlyMap<string, ReadonlyMap<string, Held>>;
    readonly draw: Draw;
  },
  tally: Tally,
): Promise<void> {
  const { ask, there, held, draw } = about;
  const [first] = there;
  if (first === undefined || models.length === 0) return;
  const { principal } = first.person;
  const views = new Map<string, Shown>();
  for (const model of models) {
    const view = viewOf(model, natives, seesOf(there, held));
    views.set(model.name, view);
    await compareRows(ask, principal, view, tally);
    await compareModelFields(ask, principal, view, tally);
  }
  const shown = (name: string): Shown => {
    const view = views.get(name);
    if (view === undefined) throw new Error(`no model ${name}`);
    return view;
  };
  const kinds = modelKinds(models);
  await askAtRandom({ ask, principal, kinds, tables, shown, idField: null, questions: QUESTIONS, draw }, tally);
}

function seesOf(there: readonly PersonThere[], held: ReadonlyMap<string, ReadonlyMap<string, Held>>): Sees {
  const known = new Map<string, ReturnType<Sees>>();
  return (integration, object) => {
    const name = `${integration}.${object}`;
    const found = there.find(({ stage }) => stage.system.integration === integration);
    const sight =
      known.get(name) ??
      (found === undefined
        ? { readable: false, ids: new Set<string>(), fields: new Set<string>() }
        : shownOf(found.sights, object, found.person, held.get(integration) ?? new Map()));
    known.set(name, sight);
    return sight;
  };
}

/** All rows with all fields that are shown, however they come about. */
async function compareRows(ask: Ask, principal: string | null, view: Shown, tally: Tally): Promise<void> {
  const { table, fields } = view;
  const columns = table.columns.flatMap(({ name }, at) => (fields.has(name) ? [{ name, at }] : []));
  const rows: string[] = [];
  let error: string | null = null;
  let cursor: string | null = null;
  do {
    const reply = await ask(principal, 'query_records', {
      object: table.name,
      fields: columns.length > 0 ? columns.map(({ name }) => name) : ['crm_id'],
      limit: 200,
      ...(cursor === null ? {} : { cursor }),
    });
    ({ error } = reply);
    for (const row of rowsIn(reply)) rows.push(textOf(row.slice(0, columns.length)));
    const next: Json | undefined = reply.body['next_cursor'];
    cursor = error === null && typeof next === 'string' ? next : null;
  } while (cursor !== null);
  const label = `${principal ?? 'the agent for itself'} ${table.name}`;
  if (columns.length === 0) {
    tally.check(error !== null && error !== 'internal', () => `${label}: is there, and should not be`);
    return;
  }
  const wanted = [...table.rows.values()].map((row) => textOf(columns.map(({ at }) => row[at] ?? null)));
  const [extra, missing] = [without(rows, wanted), without(wanted, rows)];
  tally.check(
    error === null && extra.length === 0,
    () => `${label}: ${error ?? `${String(extra.length)} rows too many, such as ${extra[0] ?? ''}`}`,
  );
  tally.check(
    missing.length === 0,
    () =>
      `${label}: ${String(missing.length)} of ${String(wanted.length)} rows are missing, such as ${missing[0] ?? ''}`,
  );
}

const textOf = (row: readonly Json[]): string =>
  JSON.stringify(row.map((value) => (typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value)));

/** Those of the texts that are not, or not as often, among the others. */
function without(texts: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const text of others) left.set(text, (left.get(text) ?? 0) + 1);
  return texts.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}

async function compareModelFields(ask: Ask, principal: string, view: Shown, tally: Tally): Promise<void> {
  const { table, fields } = view;
  const { error, body } = await ask(principal, 'describe', { names: [table.name], detail: 'full' });
  const [told] = Array.isArray(body['objects']) ? (body['objects'] as readonly Json[]) : [];
  const listed = error === null && told !== undefined && isJsonObject(told) ? told['fields'] : [];
  const names = new Set(
    (Array.isArray(listed) ? (listed as readonly Json[]) : []).map((field) =>
      String(isJsonObject(field) ? field['name'] : ''),
    ),
  );
  const wrong = table.columns.filter(({ name }) => names.has(name) !== fields.has(name));
  tally.check(
    wrong.length === 0,
    () => `${principal} ${table.name}: not the fields that are shown: ${wrong.map(({ name }) => name).join(', ')}`,
  );
}

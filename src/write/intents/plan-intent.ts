import type { Intent, IntentSource } from '../../connectors/index.ts';
import type { Json } from '../../kernel/index.ts';
import type { MissingInput } from '../plan/intended.ts';
import type { OperationRequest } from '../plan/operation-request.ts';
import { checkSize, planWrite } from '../plan/plan-write.ts';
import type { Asker, PlanPorts } from '../plan/ports.ts';
import type { IntendedRecord, PlanProblem, WriteIntent, WritePlan } from '../types.ts';
import { choosePlace, type IntentPlace } from './choose-place.ts';
import { intentValues, type IntentValues } from './intent-values.ts';
import { readInput, type IntentRecord } from './read-input.ts';

/**
 * What somebody means, as the write that it comes to in the system where it is
 * done. From there on it is a write like any other: what the agent may not
 * write plainly, it may not write so. Raises `bad_request`, `not_found`,
 * `intent_unsupported` and what planWrite raises.
 */
export async function planIntent(
  ports: PlanPorts,
  asker: Asker,
  intent: Intent,
  request: OperationRequest,
): Promise<WritePlan> {
  checkSize(request);
  const records = request.records.map((record, item) =>
    readInput(intent, record, { item, inSteps: request.after !== undefined }),
  );
  const place = choosePlace(ports, asker, intent, { to: request.to, records });
  const worded = await intentValues(ports, asker, place, records);
  const { reason, after } = request;
  const write: WriteIntent = {
    operation: intent.on,
    object: place.visible.name,
    to: place.stream.connectionSlug,
    records: records.map((record, index) => writtenRecord(intent, place, record, worded[index]?.values ?? {})),
    intent: intent.name,
    ...(reason === undefined ? {} : { reason }),
    ...(after === undefined ? {} : { after }),
  };
  const plan = await planWrite(ports, asker, write, null, {
    title: intent.title,
    named: { intent: intent.name, fields: fieldsOf(place) },
    sideEffects: place.way.sideEffects,
    warnings: warningsOf(intent, place, records),
    missing: missingOf(place, records),
    mistakes: worded.flatMap(({ mistakes }: IntentValues, item) =>
      [...mistakes].map(([input, mistake]) => ({ item, input, mistake })),
    ),
  });
  const wrong = new Set(
    worded.flatMap(({ mistakes }, item) => (mistakes.size > 0 ? [`records[${String(item)}].values`] : [])),
  );
  // Without what could not be found nothing may be left: that follows, and is told already.
  const problems = plan.problems.filter(({ code, at }) => code !== 'write_shape_invalid' || !wrong.has(at));
  return { ...plan, problems: problems.map((problem) => inInputs(place, problem)) };
}

/** What the intent comes to there, as it is called in the request. */
const fieldsOf = ({ way, names }: IntentPlace): readonly string[] =>
  Object.keys(way.sets).map((native) => names.get(native) ?? native);

function writtenRecord(
  { on, by }: Intent,
  { way, names }: IntentPlace,
  { id }: IntentRecord,
  values: { readonly [field: string]: Json },
): IntendedRecord {
  if (on === 'update') return { ...(id === null ? {} : { id }), values };
  if (on === 'create' || by === null) return { values };
  const native = Object.entries(way.sets).find(([, source]) => readsInput(source, by))?.[0];
  const field = names.get(native ?? '') ?? native ?? by;
  const { [field]: found = null, ...rest } = values;
  return { match: { [field]: found }, values: rest };
}

function missingOf({ way }: IntentPlace, records: readonly IntentRecord[]): MissingInput[] {
  return Object.entries(way.needs).flatMap(([input, need]) =>
    records.filter((record) => !record.input.has(input)).map(({ item }) => ({ item, input, need })),
  );
}

/** Inputs that this app has no place for are left out, and said. */
function warningsOf(intent: Intent, { way, stream }: IntentPlace, records: readonly IntentRecord[]): readonly string[] {
  const used = new Set([...Object.keys(way.when), ...Object.values(way.sets).flatMap(inputsOf)]);
  return Object.keys(intent.input)
    .filter((name) => records.some(({ input }) => input.has(name)) && !inputsFrom(name).some((each) => used.has(each)))
    .map((name) => `${name} is left out: ${way.object} in ${stream.connectionSlug} has no place for it.`);
}

/** An input, and what follows from it. */
const inputsFrom = (name: string): readonly string[] => [name, ...(follows[name] ?? [])];

const follows: Readonly<Record<string, readonly string[]>> = {
  due_on: ['due_at'],
  at: ['day', 'ends_at'],
  minutes: ['ends_at'],
  first_name: ['full_name'],
  last_name: ['full_name'],
};

const inputsOf = (source: IntentSource): readonly string[] =>
  source.kind === 'value' ? [] : source.kind === 'input' ? source.names : [source.name];

const readsInput = (source: IntentSource, name: string): boolean => inputsOf(source).includes(name);

/** A problem where the caller can mend it: `records[0].input.due_on`, not in the field that it comes to. */
function inInputs({ way, names }: IntentPlace, problem: PlanProblem): PlanProblem {
  const [, record, field] = /^(records\[\d+\])\.(?:values|match)\.(.+)$/.exec(problem.at) ?? [];
  if (record === undefined || field === undefined) return problem;
  const source = Object.entries(way.sets).find(([native]) => (names.get(native) ?? native) === field)?.[1];
  const name = source === undefined ? undefined : inputsOf(source)[0];
  if (name === undefined) return problem;
  const input = Object.keys(follows).find((each) => follows[each]?.includes(name)) ?? name;
  return { ...problem, at: `${record}.input.${input}` };
}

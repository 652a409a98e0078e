import { z } from 'zod';
import {
  derivedInputs,
  intentNames,
  intents,
  type ConnectorIntents,
  type IntentSource,
  type IntentWay,
} from '../intents.ts';

const name = z.string().min(1);

const source = z.union([
  /** An input. */
  name,
  z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]) }),
  z.strictObject({
    input: z.union([name, z.array(name).min(1)]),
    values: z.record(z.string(), z.string()).optional(),
    /** The app takes markup here; what is given is text. */
    html: z.literal(true).optional(),
    /** Not every customer has the field. */
    optional: z.literal(true).optional(),
  }),
  z.strictObject({ record: name, of: z.array(name).min(1).optional(), part: z.enum(['id', 'object']).default('id') }),
  z.strictObject({ found: name, object: name, by: name }),
]);

const way = z.strictObject({
  object: name,
  when: z.record(z.string(), z.array(name).min(1)).default({}),
  sets: z.record(z.string(), source),
  needs: z.record(z.string(), z.strictObject({ of: z.enum(['all', 'new']), why: name })).default({}),
  side_effects: z.array(name).default([]),
});

const ways = z.array(way).min(1).optional();

/** `intents` of connector.yaml: what people mean, and how this app does it. Only inputs that the intent has may be named. */
export const intentsShape = z
  .strictObject({ create_task: ways, log_activity: ways, upsert_contact: ways, update_deal_stage: ways })
  .superRefine((declared, context) => {
    for (const intent of intentNames) {
      const known = new Set([...Object.keys(intents.get(intent)?.input ?? {}), ...derivedInputs[intent]]);
      for (const [index, each] of (declared[intent] ?? []).entries()) {
        const used = [
          ...Object.keys(each.when),
          ...Object.keys(each.needs),
          ...Object.values(each.sets).flatMap((raw) => namesIn(sourceOf(raw))),
        ];
        for (const input of used.filter((one) => !known.has(one))) {
          context.addIssue({ code: 'custom', path: [intent, index], message: `${intent} has no input "${input}"` });
        }
      }
    }
  })
  .optional();

export type DeclaredIntents = z.infer<typeof intentsShape>;

/** Inputs that a source reads. */
export const namesIn = (each: IntentSource): readonly string[] =>
  each.kind === 'value' ? [] : each.kind === 'input' ? each.names : [each.name];

export function intentsOf(declared: DeclaredIntents): ConnectorIntents {
  return new Map(
    intentNames.flatMap((intent) => {
      const own = declared?.[intent];
      return own === undefined ? [] : [[intent, own.map(wayOf)] as const];
    }),
  );
}

const wayOf = ({ object, when, sets, needs, side_effects: sideEffects }: z.infer<typeof way>): IntentWay => ({
  object,
  when,
  sets: Object.fromEntries(Object.entries(sets).map(([field, raw]) => [field, sourceOf(raw)])),
  needs,
  sideEffects,
});

function sourceOf(raw: z.infer<typeof source>): IntentSource {
  if (typeof raw === 'string') return { kind: 'input', names: [raw], values: null, html: false, optional: false };
  if ('value' in raw) return { kind: 'value', value: raw.value };
  if ('record' in raw) return { kind: 'record', name: raw.record, part: raw.part, of: raw.of ?? null };
  if ('found' in raw) return { kind: 'found', name: raw.found, object: raw.object, by: raw.by };
  const { input, values = null, html = false, optional = false } = raw;
  return { kind: 'input', names: typeof input === 'string' ? [input] : input, values, html, optional };
}

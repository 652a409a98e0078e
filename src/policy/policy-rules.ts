import { canonicalJson, contentHash, type Json } from '../kernel/index.ts';
import { operandsOf, valueKindOf, type ValueKind } from '../filter/index.ts';
import type {
  ApprovalPilot,
  ApprovalRule,
  ApprovalRules,
  CurrencyRates,
  FieldMapping,
  Manifest,
} from '../manifest/index.ts';
import { defaultRules } from './default-rules.ts';
import type { RollingSum } from './types.ts';

/** All that decides on one agent's writes on one day. */
export interface PolicyRules extends Pick<ApprovalRules, 'untrustedText' | 'rules'> {
  /** The human who answers for the agent; null: nobody. */
  readonly owner: string | null;
  /** What the grant lets it move in a day; null: any amount. */
  readonly moneyPerDay: MoneyLimit | null;
  /** The agent is on trial; null: it is not. */
  readonly pilot: ApprovalPilot | null;
  /** `2026-11-21` */
  readonly day: string;
  /** How the values of conditions compare, by model and field. */
  readonly kinds: ReadonlyMap<string, ValueKind>;
  /** Which model fields a native one shows, by `<integration>.<object>`: whoever writes the native one writes them. */
  readonly shown: ReadonlyMap<string, ShownFields>;
  /**
   * What plans say of themselves when they are made, and rules go by: modes of
   * the integrations that take writes, safety classes of the operations that the
   * agent may run. What it cannot come to is not among them.
   */
  readonly declared: { readonly modes: ReadonlyMap<string, string>; readonly safety: ReadonlyMap<string, string> };
}

export interface ShownFields {
  readonly model: string;
  /** By native field. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

export interface MoneyLimit {
  /** In `currency`; null: there is no rate for the grant's own, so nothing fits. */
  readonly amount: number | null;
  /** Of the amounts that it is compared with; null: whichever they have. */
  readonly currency: string;
}

export const DAY_MS = 24 * 3_600_000;

/** `day`: `2026-11-21`, whose rates count. */
export function policyRules(
  manifest: Pick<Manifest, 'policies' | 'agents' | 'models' | 'integrations'>,
  agent: string,
  day: string,
): PolicyRules {
  const { untrustedText, rules, pilots = [] } = manifest.policies.approvals ?? defaultRules;
  const declared = manifest.agents.get(agent);
  const money = declared?.moneyPerDay;
  const fields = [...manifest.models.values()].flatMap((model) =>
    [...model.fields.values()].map(({ name, type }) => [`${model.name}.${name}`, valueKindOf(type)] as const),
  );
  return {
    untrustedText,
    rules,
    owner: declared?.owner ?? null,
    moneyPerDay: money === undefined ? null : limitIn(manifest.policies.rates, money, day),
    pilot: pilots.find((pilot) => pilot.agent === agent) ?? null,
    day,
    kinds: new Map(fields),
    shown: shownFields(manifest.integrations),
    declared: {
      modes: new Map(
        [...manifest.integrations].flatMap(([name, { mode, scope }]) =>
          scope.write.length === 0 ? [] : [[name, mode]],
        ),
      ),
      safety: new Map(
        [...manifest.models.values()].flatMap((model) =>
          [...(model.operations?.values() ?? [])].flatMap(({ name, safety }): [string, string][] => {
            const whole = `${model.name}.${name}`;
            return declared?.grant.operations?.includes(whole) === true ? [[whole, safety]] : [];
          }),
        ),
      ),
    },
  };
}

function shownFields(integrations: Manifest['integrations']): Map<string, ShownFields> {
  const shown = new Map<string, ShownFields>();
  for (const { name, objects } of integrations.values()) {
    for (const { from, model, fields } of objects.values()) {
      if (model === null) continue;
      const byNative = new Map<string, string[]>();
      for (const mapping of fields.values()) {
        for (const native of nativesOf(mapping)) {
          byNative.set(native, [...(byNative.get(native) ?? []), mapping.field]);
        }
      }
      shown.set(`${name}.${from}`, { model, fields: byNative });
    }
  }
  return shown;
}

/** Native fields that a model field is made of, as far as they are called by their names. */
function nativesOf({ from, steps }: FieldMapping): string[] {
  const own = from?.kind === 'name' ? [from.name] : [];
  const more = steps.flatMap((step) => {
    if (step.kind === 'concat') return step.fields;
    if (step.kind !== 'template') return [];
    return step.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.field]));
  });
  return [...own, ...more];
}

function limitIn(
  rates: CurrencyRates | null,
  { amount, currency }: { readonly amount: string; readonly currency: string },
  day: string,
): MoneyLimit {
  if (rates === null || currency === rates.base) return { amount: Number(amount), currency };
  const rate = rates.rates.get(currency)?.findLast(({ from }) => from <= day)?.rate;
  return { amount: rate === undefined ? null : Number(amount) / rate, currency: rates.base };
}

/** What was accepted before, as far as the rules ask for it: to be read before they decide. */
export function sumsOf({ rules, moneyPerDay, pilot }: PolicyRules): RollingSum[] {
  const asked = rules.flatMap(({ when }) => (when.sum === null ? [] : [sumOf(when.sum)]));
  const all = moneyPerDay === null && pilot === null ? asked : [...asked, moneySum];
  return [...new Map(all.map((sum) => [sumKey(sum), sum])).values()];
}

export const moneySum: RollingSum = { per: 'agent', model: null, windowMs: DAY_MS };

export const sumOf = ({ per, withinMs }: NonNullable<ApprovalRule['when']['sum']>): RollingSum => ({
  per,
  model: null,
  windowMs: withinMs,
});

export const sumKey = ({ per, model, windowMs }: RollingSum): string => `${per} ${model ?? '*'} ${String(windowMs)}`;

/** Fields whose values conditions look at, `before.stage`, whatever object they are of. */
export const pathsAsked = ({ rules }: PolicyRules): string[] => [
  ...new Set(
    rules.flatMap(({ when }) =>
      when.where === null
        ? []
        : operandsOf(when.where).flatMap((operand) => (operand.kind === 'path' ? [operand.path] : [])),
    ),
  ),
];

/** Equal for rules that decide alike; an approval under others is none. */
export function policyVersionOf({ untrustedText, rules, owner, moneyPerDay, pilot, declared }: PolicyRules): string {
  const trial = pilot === null ? {} : { pilot: { ...pilot, at: null } };
  const told = {
    ...trial,
    untrustedText,
    rules: rules.map(({ at: _at, why: _why, ...rule }) => rule),
    owner,
    moneyPerDay,
    modes: Object.fromEntries(declared.modes),
    safety: Object.fromEntries(declared.safety),
  };
  return contentHash(canonicalJson(told as unknown as Json));
}

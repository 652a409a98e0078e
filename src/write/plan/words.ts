import type { WriteWay } from '../../connectors/index.ts';
import { limits } from '../../kernel/index.ts';
import type { Operation } from '../../manifest/index.ts';
import { cleanLabel, type CatalogueObject } from '../../mapping/index.ts';
import type { NativeRule } from '../../schema/index.ts';
import type { Draft } from './draft.ts';

const verbs = { create: 'Create', update: 'Update', upsert: 'Create or update', delete: 'Delete' } as const;

/** `Update 3 records of Deal in Salesforce (acme-crm)`; nothing of it is anybody else's text. */
export function titleOf(
  object: CatalogueObject,
  drafts: readonly Draft[],
  about: { readonly operation: keyof typeof verbs; readonly named: Pick<Operation, 'title'> | null },
): string {
  const places = new Map(drafts.map(({ target }) => [target.stream.connectionSlug, target.integration.title]));
  const where = [...places].map(([slug, title]) => `${title} (${slug})`).join(' and ');
  const count = drafts.length === 1 ? object.title : `${String(drafts.length)} records of ${object.title}`;
  const what = about.named === null ? `${verbs[about.operation]} ${count}` : `${about.named.title}: ${count}`;
  return where === '' ? what : `${what} in ${where}`;
}

export interface WordsAbout {
  readonly operation: Operation | null;
  /** Whether the caller is not shown a native field of the records. */
  readonly hides: (target: Draft['target'], native: string) => boolean;
}

/** By the provider's list of fields, and by the words of the name: what is hidden is not named by a rule about it either. */
function tellsHidden(
  { name, fields }: Pick<NativeRule, 'name' | 'fields'>,
  { target }: Draft,
  hides: WordsAbout['hides'],
): boolean {
  if (fields.some((field) => hides(target, field))) return true;
  const words = new Set(name.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []);
  return target.stream.object.fields.some((field) => words.has(field.name.toLowerCase()) && hides(target, field.name));
}

/** What else will happen: as declared, as the provider always does it, and as the customer set it up. */
export function sideEffectsOf(
  drafts: readonly Draft[],
  ways: ReadonlyMap<Draft, WriteWay>,
  { operation, hides }: WordsAbout,
): readonly string[] {
  const words = new Set(operation?.sideEffects ?? []);
  for (const draft of drafts) {
    const { target } = draft;
    for (const effect of [...target.write.sideEffects, ...(ways.get(draft)?.sideEffects ?? [])]) words.add(effect);
    const changed = new Set(Object.keys(draft.values));
    for (const { kind, active, name, message, fields } of target.stream.object.rules ?? []) {
      if (kind !== 'automation' || !active) continue;
      if (draft.operation === 'update' && fields.length > 0 && !fields.some((field) => changed.has(field))) continue;
      const about = message === null ? '' : `: ${cleanLabel(message)}`;
      const which = tellsHidden({ name, fields }, draft, hides)
        ? 'an automation'
        : `its automation "${cleanLabel(name)}"`;
      words.add(`${target.stream.connectionSlug} runs ${which} after it${about}`);
    }
  }
  return shown(words);
}

/** What the source will refuse it for: rules that the customer made, and what people have to see to. */
export function preconditionsOf(drafts: readonly Draft[], { operation, hides }: WordsAbout): readonly string[] {
  const words = new Set((operation?.preconditions ?? []).map(({ text }) => text));
  for (const draft of drafts) {
    const { target, values, operation: verb } = draft;
    if (verb === 'delete') continue;
    const changed = new Set(Object.keys(values));
    for (const { kind, active, name, message, fields } of target.stream.object.rules ?? []) {
      if (kind === 'automation' || !active) continue;
      if (verb === 'update' && fields.length > 0 && !fields.some((field) => changed.has(field))) continue;
      const about = message === null ? '' : `: ${cleanLabel(message)}`;
      const which = tellsHidden({ name, fields }, draft, hides) ? 'a rule' : `its rule "${cleanLabel(name)}"`;
      words.add(`${target.stream.connectionSlug} refuses it where ${which} says so${about}`);
    }
  }
  return shown(words);
}

function shown(words: ReadonlySet<string>): readonly string[] {
  const all = [...words];
  const more = all.length - limits.planWordsMax;
  return more <= 0 ? all : [...all.slice(0, limits.planWordsMax), `And ${String(more)} more.`];
}

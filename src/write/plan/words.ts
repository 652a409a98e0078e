import type { WriteWay } from '../../connectors/index.ts';
import { limits } from '../../kernel/index.ts';
import type { Operation } from '../../manifest/index.ts';
import { cleanLabel, namesField, type CatalogueObject } from '../../mapping/index.ts';
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

type Tells = (rule: Pick<NativeRule, 'name' | 'fields' | 'message'>, draft: Draft) => ToldRule;

interface ToldRule {
  /** Null: it is not to be named. */
  readonly name: string | null;
  /** `: and its message`, or nothing. */
  readonly about: string;
}

/**
 * What may be told of rules: by the provider's list of fields, and by the words of name and message. What is hidden is
 * not named by a rule about it either.
 */
function tellingRules(hides: WordsAbout['hides']): Tells {
  const known = new Map<Draft['target'], (text: string | null) => boolean>();
  const namesHidden = ({ target }: Draft): ((text: string | null) => boolean) => {
    const before = known.get(target);
    if (before !== undefined) return before;
    const { fields } = target.stream.object;
    const isHidden = ({ name }: { readonly name: string }): boolean => hides(target, name);
    const made = namesField(
      fields.filter(isHidden),
      fields.filter((field) => !isHidden(field)),
    );
    known.set(target, made);
    return made;
  };
  return ({ name, fields, message }, draft) => {
    const tells = namesHidden(draft);
    const isNamed = !fields.some((field) => hides(draft.target, field)) && !tells(name);
    const about = message === null || tells(message) ? '' : `: ${cleanLabel(message)}`;
    return { name: isNamed ? cleanLabel(name) : null, about };
  };
}

/** What else will happen: as declared, as the provider always does it, and as the customer set it up. */
export function sideEffectsOf(
  drafts: readonly Draft[],
  ways: ReadonlyMap<Draft, WriteWay>,
  { operation, hides }: WordsAbout,
): readonly string[] {
  const words = new Set(operation?.sideEffects ?? []);
  const told = tellingRules(hides);
  for (const draft of drafts) {
    const { target } = draft;
    for (const effect of [...target.write.sideEffects, ...(ways.get(draft)?.sideEffects ?? [])]) words.add(effect);
    const changed = new Set(Object.keys(draft.values));
    for (const rule of target.stream.object.rules ?? []) {
      const { kind, active, fields } = rule;
      if (kind !== 'automation' || !active) continue;
      if (draft.operation === 'update' && fields.length > 0 && !fields.some((field) => changed.has(field))) continue;
      const { name, about } = told(rule, draft);
      const which = name === null ? 'an automation' : `its automation "${name}"`;
      words.add(`${target.stream.connectionSlug} runs ${which} after it${about}`);
    }
  }
  return shown(words);
}

/** What the source will refuse it for: rules that the customer made, and what people have to see to. */
export function preconditionsOf(drafts: readonly Draft[], { operation, hides }: WordsAbout): readonly string[] {
  const words = new Set((operation?.preconditions ?? []).map(({ text }) => text));
  const told = tellingRules(hides);
  for (const draft of drafts) {
    const { target, values, operation: verb } = draft;
    if (verb === 'delete') continue;
    const changed = new Set(Object.keys(values));
    for (const rule of target.stream.object.rules ?? []) {
      const { kind, active, fields } = rule;
      if (kind === 'automation' || !active) continue;
      if (verb === 'update' && fields.length > 0 && !fields.some((field) => changed.has(field))) continue;
      const { name, about } = told(rule, draft);
      const which = name === null ? 'a rule' : `its rule "${name}"`;
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

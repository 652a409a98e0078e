import type { WriteWay } from '../../connectors/index.ts';
import { limits } from '../../kernel/index.ts';
import type { Operation } from '../../manifest/index.ts';
import { cleanLabel, type CatalogueObject } from '../../mapping/index.ts';
import type { Draft } from './draft.ts';

const verbs = { create: 'Create', update: 'Update', upsert: 'Create or update', delete: 'Delete' } as const;

/** `Update 3 records of Deal in Salesforce (acme-crm)`; nothing of it is anybody else's text. */
export function titleOf(
  object: CatalogueObject,
  drafts: readonly Draft[],
  about: { readonly operation: keyof typeof verbs; readonly named: Operation | null },
): string {
  const places = new Map(drafts.map(({ target }) => [target.stream.connectionSlug, target.integration.title]));
  const where = [...places].map(([slug, title]) => `${title} (${slug})`).join(' and ');
  const count = drafts.length === 1 ? object.title : `${String(drafts.length)} records of ${object.title}`;
  const what = about.named === null ? `${verbs[about.operation]} ${count}` : `${about.named.title}: ${count}`;
  return where === '' ? what : `${what} in ${where}`;
}

/** What else will happen: as declared, as the provider always does it, and as the customer set it up. */
export function sideEffectsOf(
  drafts: readonly Draft[],
  ways: ReadonlyMap<Draft, WriteWay>,
  operation: Operation | null,
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
      words.add(`${target.stream.connectionSlug} runs its automation "${cleanLabel(name)}" after it${about}`);
    }
  }
  return shown(words);
}

/** What the source will refuse it for: rules that the customer made, and what people have to see to. */
export function preconditionsOf(drafts: readonly Draft[], operation: Operation | null): readonly string[] {
  const words = new Set((operation?.preconditions ?? []).map(({ text }) => text));
  for (const { target, values, operation: verb } of drafts) {
    if (verb === 'delete') continue;
    const changed = new Set(Object.keys(values));
    for (const { kind, active, name, message, fields } of target.stream.object.rules ?? []) {
      if (kind === 'automation' || !active) continue;
      if (verb === 'update' && fields.length > 0 && !fields.some((field) => changed.has(field))) continue;
      words.add(
        `${target.stream.connectionSlug} refuses it where its rule "${cleanLabel(name)}" says so${message === null ? '' : `: ${cleanLabel(message)}`}`,
      );
    }
  }
  return shown(words);
}

function shown(words: ReadonlySet<string>): readonly string[] {
  const all = [...words];
  const more = all.length - limits.planWordsMax;
  return more <= 0 ? all : [...all.slice(0, limits.planWordsMax), `And ${String(more)} more.`];
}

import { suggest } from '../kernel/index.ts';
import type { NativeFieldRef } from '../manifest/index.ts';
import type { NativeField, NativeObject } from '../schema/index.ts';

export type Resolved =
  | { readonly kind: 'found'; readonly field: NativeField }
  | { readonly kind: 'missing'; readonly message: string; readonly suggestions: readonly string[] };

/** The native field that a mapping means, in this org. */
export function resolveField(ref: NativeFieldRef, object: NativeObject): Resolved {
  if (ref.kind === 'name') {
    const field = object.fields.find((each) => each.name === ref.name);
    if (field !== undefined) return { kind: 'found', field };
    const labelled = object.fields.filter((each) => each.label.toLowerCase() === ref.name.toLowerCase());
    const names = object.fields.map((each) => each.name);
    return {
      kind: 'missing',
      message: `${object.name} has no field ${ref.name}`,
      suggestions: [...new Set([...labelled.map((each) => each.name), ...suggest(ref.name, names)])].slice(0, 3),
    };
  }
  const label = ref.label.trim();
  const [first, ...others] = object.fields.filter((each) => each.label.trim() === label);
  if (first !== undefined && others.length === 0) return { kind: 'found', field: first };
  if (first !== undefined) {
    return {
      kind: 'missing',
      message: `${object.name} has ${others.length + 1} fields labelled "${label}"; map one of them by its name`,
      suggestions: [first, ...others].map((each) => each.name),
    };
  }
  const labels = object.fields.map((each) => each.label);
  return {
    kind: 'missing',
    message: `${object.name} has no field labelled "${label}"`,
    suggestions: suggest(label, labels),
  };
}

import type { Env } from './env.ts';

type Given = Readonly<Record<string, unknown>>;

/** What a one2many was given: records to make, and records to point here. */
export interface Lines {
  readonly relation: string;
  readonly relationField: string;
  readonly made: readonly Given[];
  readonly linked: readonly number[];
}

/**
 * Takes the one2many fields out of given values, where they are commands 0
 * (create), 4 (link) or 6 (set): they are columns of the other model.
 */
export function withoutLines(
  env: Env,
  model: string,
  given: Given,
): { readonly own: Given; readonly lines: readonly Lines[] } {
  const own: Record<string, unknown> = {};
  const lines: Lines[] = [];
  for (const [name, value] of Object.entries(given)) {
    const field = env.org.registry.field(model, name);
    const { relation, relationField } = field ?? {};
    const found = field?.type === 'one2many' ? commandsOf(value) : null;
    if (found === null || relation === undefined || relationField === undefined) own[name] = value;
    else lines.push({ relation, relationField, ...found });
  }
  return { own, lines };
}

function commandsOf(value: unknown): Pick<Lines, 'made' | 'linked'> | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const made: Given[] = [];
  const linked: number[] = [];
  for (const command of value as readonly unknown[]) {
    const [code, id, more] = Array.isArray(command) ? (command as readonly unknown[]) : [];
    if (code === 0 && typeof more === 'object' && more !== null) made.push(more as Given);
    else if (code === 4 && typeof id === 'number') linked.push(id);
    else if (code === 6 && Array.isArray(more)) linked.push(...more.filter((one) => typeof one === 'number'));
    else return null;
  }
  return { made, linked };
}

import { OdooError } from '../errors.ts';
import type { Env } from './env.ts';

type Given = Readonly<Record<string, unknown>>;

/** What a one2many was given: records to make, to change, to remove and to point here. */
export interface Lines {
  readonly relation: string;
  readonly relationField: string;
  readonly made: readonly Given[];
  readonly changed: readonly (readonly [id: number, values: Given])[];
  readonly removed: readonly number[];
  readonly linked: readonly number[];
}

/**
 * Takes the one2many fields out of given values, where they are commands 0
 * (create), 1 (update), 2 (delete), 4 (link) or 6 (set): they are columns of
 * the other model (odoo/orm/commands.py).
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
    if (field?.type !== 'one2many' || relation === undefined || relationField === undefined) own[name] = value;
    else lines.push({ relation, relationField, ...commandsOf(name, value) });
  }
  return { own, lines };
}

function commandsOf(name: string, value: unknown): Pick<Lines, 'made' | 'changed' | 'removed' | 'linked'> {
  const made: Given[] = [];
  const changed: [number, Given][] = [];
  const removed: number[] = [];
  const linked: number[] = [];
  for (const command of Array.isArray(value) ? (value as readonly unknown[]) : []) {
    const [code, id, more] = Array.isArray(command) ? (command as readonly unknown[]) : [4, command];
    const values = typeof more === 'object' && more !== null && !Array.isArray(more) ? (more as Given) : null;
    if (code === 0 && values !== null) made.push(values);
    else if (code === 1 && typeof id === 'number' && values !== null) changed.push([id, values]);
    else if (code === 2 && typeof id === 'number') removed.push(id);
    else if (code === 4 && typeof id === 'number') linked.push(id);
    else if (code === 6 && Array.isArray(more)) linked.push(...more.filter((one) => typeof one === 'number'));
    else throw new OdooError('notImplemented', `the sandbox knows commands 0, 1, 2, 4 and 6 on ${name} only`);
  }
  return { made, changed, removed, linked };
}

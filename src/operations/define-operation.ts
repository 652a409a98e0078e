/**
 * What a product team's `operations/<name>.ts` imports: `import { defineOperation } from 'gantry/operations'`.
 * Types for editors; where an operation runs there is nothing else of Gantry's.
 */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [name: string]: Value };

export type Verb = 'create' | 'update' | 'upsert' | 'delete';

export interface Input {
  readonly type: 'string' | 'boolean' | 'integer' | 'number' | 'date' | 'datetime' | 'enum';
  readonly values?: readonly string[];
  readonly default?: boolean | number | string;
  /** True where it is not said and there is no default. */
  readonly required?: boolean;
  readonly why?: string;
}

/** A record that the operation is about, as the caller is shown it. */
export interface ShownRecord {
  /** As the caller named it; names it in writes, too. */
  readonly id: string;
  /** Of `reads`; a field that the caller is not shown is not there. Decimals are texts. */
  readonly values: { readonly [field: string]: Value };
}

export interface Given {
  readonly input: { readonly [name: string]: Value };
  readonly records: readonly ShownRecord[];
  /** `2026-11-21`, in UTC. */
  readonly today: string;
}

/** What `prepare_write` takes. A value may be `{ from_step: 0 }`: the id of what an earlier step makes. */
export interface Write {
  readonly operation: Verb;
  readonly object: string;
  readonly to?: string;
  readonly records: readonly {
    readonly id?: string;
    readonly match?: { readonly [field: string]: Value };
    readonly values?: { readonly [field: string]: Value };
  }[];
}

export interface OperationDefinition {
  /** Its operations have names `<model>.<file name>`. */
  readonly model: string;
  readonly title?: string;
  readonly why?: string;
  /** When an agent should use it; agents read it. */
  readonly intent?: string;
  readonly input?: { readonly [name: string]: Input };
  /** Whether it is about records of the model, which the caller names. Absent: it is. */
  readonly records?: boolean;
  /** Fields of the model that `plan` is given of each record. */
  readonly reads?: readonly string[];
  /** By object, all that `plan` may return: who may run the operation may write this by it, and nothing else. */
  readonly writes: { readonly [object: string]: readonly Verb[] };
  readonly safety?: 'safe_write' | 'gated_write' | 'forbidden';
  readonly reversibility?: 'exact' | 'compensating' | 'none';
  readonly side_effects?: readonly string[];
  readonly preconditions?: readonly (string | { readonly text: string; readonly where: object })[];
  readonly impact?: Impact;
  readonly stability?: 'stable' | 'experimental' | 'deprecated';
  readonly deprecated?: boolean | { readonly replaced_by: string };
  /** Where a step of several fails. Absent: `stop`. */
  readonly on_failure?: 'stop' | 'take_back';
  /** A pure function: what it is given is all it has, and what it returns is what the plan shows. */
  readonly plan: (given: Given) => readonly Write[];
}

type Term = string | number | { readonly change: string };
export type Impact = Term | { readonly sum: readonly Term[] } | { readonly product: readonly Term[] };

export const defineOperation = (definition: OperationDefinition): OperationDefinition => definition;

/** Thrown by `refuse`. */
export class Refusal extends Error {
  readonly isRefusal = true;
}

/** Ends planning with words for the caller: what has to be seen to first. */
export function refuse(why: string): never {
  throw new Refusal(why);
}

import type { HostFailure } from '../host-protocol.ts';

/** A failure that the parent understands, thrown inside the host. */
export class HostError extends Error {
  readonly failure: HostFailure;

  constructor(failure: HostFailure) {
    super(failure.kind);
    this.failure = failure;
  }
}

// DuckDB prefixes its messages with the kind of error; the binding passes on text alone.
const misfit = /^(Catalog|Binder) Error/;

// As DuckDB words what a structured query can run into: its memory, its depth of expressions, its parser's stack.
const tooLarge = /^Out of Memory Error|Max expression depth limit|^Parser Error: memory exhausted/;

/** Whether DuckDB gave up because of the size of a statement or of what it works on. */
export const isTooLarge = (error: unknown): boolean => error instanceof Error && tooLarge.test(error.message);

/** What to tell the parent about anything that was thrown. */
export function toFailure(error: unknown): HostFailure {
  if (error instanceof HostError) return error.failure;
  const text = error instanceof Error ? error.message : String(error);
  return { kind: misfit.test(text) ? 'misfit' : 'engine', text };
}

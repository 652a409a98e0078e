/**
 * One line of the error table. Codes are never reused and never change their
 * meaning; a retired code stays in the table with `retired: true`.
 */
export interface ErrorSpec {
  /** HTTP status at the REST and MCP doors. */
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 422 | 429 | 500 | 502 | 503 | 504;
  /** `never`: the same call fails again. `later`: wait, then repeat. `after_fix`: repeat once `who` acted. */
  readonly retry: 'never' | 'later' | 'after_fix';
  /** The one who can put it right. */
  readonly who: 'agent' | 'end_user' | 'operator' | 'product_team' | 'provider';
  /** What it means, for docs/errors.md. */
  readonly meaning: string;
  /** The default advice; a raised error may say it more exactly. */
  readonly fix: string;
}

/** Keeps the literal keys of a family while checking each line. */
export const family = <Table extends Record<string, ErrorSpec>>(table: Table): Table => table;

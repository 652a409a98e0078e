import type { Json } from '../json.ts';
import { errorTable, type ErrorCode } from './table.ts';

export interface ErrorDetails {
  /** What happened, one sentence, in the caller's words. Never upstream text, tokens or stack traces. */
  readonly message: string;
  /** File:line:column, JSON path, object or connection: the place to look. */
  readonly where?: string | undefined;
  /** How to put it right; defaults to the table's. */
  readonly fix?: string | undefined;
  /** Names close to the one that was not found. */
  readonly suggestions?: readonly string[] | undefined;
  /** The values that would have been accepted. */
  readonly allowed?: readonly Json[] | undefined;
  /** When a retry can succeed, where that is known. */
  readonly retryAt?: Date | undefined;
  /** Further facts, safe to show. */
  readonly data?: { readonly [key: string]: Json } | undefined;
  readonly cause?: unknown;
}

/** The form that crosses every door: MCP, REST, CLI and logs. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string;
  readonly fix: string;
  readonly retryable: boolean;
  readonly retry_at?: string;
  readonly who_can_fix: string;
  readonly suggestions?: readonly string[];
  readonly allowed?: readonly Json[];
  readonly data?: { readonly [key: string]: Json };
}

/**
 * An error for the caller. A programmer's mistake is a plain `Error` and ends
 * the job; this one says what, where, and how to fix it, under a code that
 * never changes its meaning.
 */
export class GantryError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'GantryError';
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  toBody(): ErrorBody {
    const spec = errorTable[this.code];
    const { where, fix, suggestions, allowed, retryAt, data } = this.details;
    return {
      code: this.code,
      message: this.message,
      ...(where === undefined ? {} : { where }),
      fix: fix ?? spec.fix,
      retryable: spec.retry !== 'never',
      ...(retryAt === undefined ? {} : { retry_at: retryAt.toISOString() }),
      who_can_fix: spec.who,
      ...(suggestions === undefined || suggestions.length === 0 ? {} : { suggestions }),
      ...(allowed === undefined ? {} : { allowed }),
      ...(data === undefined ? {} : { data }),
    };
  }
}

/** Any thrown thing as a GantryError; what is not one becomes `internal`, its text kept for the log only. */
export function toGantryError(error: unknown): GantryError {
  if (error instanceof GantryError) return error;
  return new GantryError('internal', { message: 'Something went wrong inside Gantry.', cause: error });
}

import { json, type SandboxResponse } from '../../kit/index.ts';

/** One complaint about a record, as `details` of a `RecordInvalid` hold it. */
export interface Problem {
  readonly description: string;
  readonly error?: string | null;
  readonly ticket_field_id?: number;
  readonly ticket_field_type?: string;
}

/** A write that the help desk does not make. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  readonly error: string;
  readonly description: string;
  /** By property; `base` where it is about none or about a field of the ticket form. */
  readonly details?: Readonly<Record<string, readonly Problem[]>>;
}

/** Collects what is wrong with a record: Zendesk tells all of it at once. */
export interface Problems {
  add(property: string, problem: Problem): void;
  refusal(): Refusal | null;
}

export function createProblems(): Problems {
  const found = new Map<string, Problem[]>();
  return {
    add: (property, problem) => {
      found.set(property, [...(found.get(property) ?? []), problem]);
    },
    refusal: () => (found.size === 0 ? null : recordInvalid(Object.fromEntries(found))),
  };
}

/** Source: Zendesk, "Request format": 422 with the record's validation errors. */
export function recordInvalid(details: NonNullable<Refusal['details']>): Refusal {
  return { kind: 'refused', status: 422, error: 'RecordInvalid', description: 'Record validation errors', details };
}

export const NOT_FOUND: Refusal = {
  kind: 'refused',
  status: 404,
  error: 'RecordNotFound',
  description: 'Not found',
};

export const NOT_ALLOWED: Refusal = {
  kind: 'refused',
  status: 403,
  error: 'Forbidden',
  description:
    'You do not have access to this page. Please contact the account owner of this help desk for further help.',
};

/** Source: Zendesk, "Protecting against ticket update collisions". */
export const COLLIDED: Refusal = {
  kind: 'refused',
  status: 409,
  error: 'UpdateConflict',
  description:
    'Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try again.',
};

export function refusalAnswer({ status, error, description, details }: Refusal): SandboxResponse {
  if (status === 403) return json(403, { error: { title: error, message: description } });
  return json(status, { ...(details === undefined ? {} : { details }), description, error });
}

/** All complaints in one line, as results of jobs say them. */
export function inOneLine({ description, details }: Refusal): string {
  const said = Object.values(details ?? {}).flatMap((problems) => problems.map((each) => each.description));
  return said.length === 0 ? description : said.join(' ');
}

/** Answers of `POST /__sandbox/fail`: by the codes that Zendesk documents, else as a record that is not valid. */
export function injected(failure: { readonly error: string; readonly message: string | null }): Refusal {
  const known = INJECTED[failure.error];
  const said = failure.message;
  if (known === undefined)
    return recordInvalid({ base: [{ description: said ?? 'is invalid', error: failure.error }] });
  return { ...known, ...(said === null ? {} : { description: said }) };
}

const unavailable = (status: number, error: string, description: string): Refusal => ({
  kind: 'refused',
  status,
  error,
  description,
});

const INJECTED: Readonly<Record<string, Refusal>> = {
  RecordInvalid: recordInvalid({ base: [{ description: 'Record: is invalid', error: 'InvalidValue' }] }),
  RecordNotFound: NOT_FOUND,
  Forbidden: NOT_ALLOWED,
  UpdateConflict: COLLIDED,
  DatabaseConflict: unavailable(409, 'DatabaseConflict', 'Database collision'),
  ServiceUnavailable: unavailable(503, 'ServiceUnavailable', 'Service unavailable'),
  InternalServerError: unavailable(500, 'InternalServerError', 'Internal server error'),
};

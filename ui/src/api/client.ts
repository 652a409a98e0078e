import type { Problem } from './types.ts';

/** The server refused, or could not be reached: in its own words. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.message);
    this.status = status;
    this.problem = problem;
  }
}

type Method = 'GET' | 'POST' | 'DELETE';

/** Whoever wants to know that nobody is signed in any more. */
const onSignedOut = new Set<() => void>();

/** Counts sign-ins: the refusal of what was asked before the last one says nothing of the session that there is now. */
let signIns = 0;

export const signInsNow = (): number => signIns;

/** `askedAt`: `signInsNow` when that was asked which was refused. */
export function tellSignedOut(askedAt: number): void {
  if (askedAt !== signIns) return;
  for (const tell of onSignedOut) tell();
}

export function whenSignedOut(tell: () => void): () => void {
  onSignedOut.add(tell);
  return () => onSignedOut.delete(tell);
}

/** Pages of others cannot send this header, so the server knows its own page by it. */
export const ownHeaders = { 'gantry-console': '1' } as const;

/** Raises `Refused`. */
export async function ask<Answer>(method: Method, path: string, body?: object): Promise<Answer> {
  const askedAt = signIns;
  const response = await fetch(path, {
    method,
    headers: { ...ownHeaders, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Refused(0, {
      code: 'unreachable',
      message: 'The server does not answer.',
      fix: 'Look at it, and try again.',
    });
  });
  const answer: unknown = await response.json().catch(() => null);
  const isSession = path.split('?', 1)[0] === '/v1/console/session';
  if (response.ok && isSession && method === 'POST') signIns += 1;
  if (response.ok) return answer as Answer;
  if (response.status === 401 && !isSession) tellSignedOut(askedAt);
  throw new Refused(response.status, problemIn(answer, response.status));
}

function problemIn(answer: unknown, status: number): Problem {
  if (typeof answer === 'object' && answer !== null && 'message' in answer && 'code' in answer)
    return answer as Problem;
  return { code: 'unknown', message: `The server answered ${String(status)}.` };
}

export const problemOf = (thrown: unknown): Problem =>
  thrown instanceof Refused
    ? thrown.problem
    : { code: 'internal', message: 'The console failed.', fix: 'Load the page again.' };

/** `?a=1&b=2` without what is absent. */
export function queryOf(parts: { readonly [name: string]: string | number | undefined }): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

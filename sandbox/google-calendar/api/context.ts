import type { SandboxRequest, SandboxResponse } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import type { AccessRole } from '../access/roles.ts';
import type { CalendarRecord } from '../directory.ts';
import { invalidParameter, notFound } from './errors.ts';

/** One authenticated call. */
export interface Call {
  readonly account: Account;
  readonly request: SandboxRequest;
  /** Number of the signed-in person. */
  readonly user: number;
}

export type Endpoint = (call: Call) => SandboxResponse;

export interface OpenCalendar {
  readonly calendar: CalendarRecord;
  readonly role: AccessRole;
}

/** The calendar of the path, `primary` being one's own; 404 for calendars that do not exist or are not shared. */
export function calendarOf({ account, request, user }: Call): OpenCalendar | SandboxResponse {
  const name = request.params['calendar'] ?? '';
  const id = name === 'primary' ? account.people.at(user).email : name.toLowerCase();
  const calendar = account.directory.find(id) ?? account.directory.find(name);
  const role = calendar === null ? 'none' : account.directory.access(user, calendar);
  return calendar === null || role === 'none' ? notFound() : { calendar, role };
}

/** Narrows what helpers of this folder give back: a value, or the refusal to send. */
export function isResponse(value: object): value is SandboxResponse {
  return 'status' in value && typeof value.status === 'number';
}

/** A boolean of the query; `undefined` when absent. */
export function flag(query: URLSearchParams, name: string): boolean | undefined | SandboxResponse {
  const text = query.get(name);
  if (text === null) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  return invalidParameter(name, `Invalid boolean value: '${text}'.`);
}

/** A whole number from 1, cut off at `most`. */
export function size(query: URLSearchParams, name: string, fallback: number, most: number): number | SandboxResponse {
  const text = query.get(name);
  if (text === null) return fallback;
  if (!/^-?\d{1,10}$/.test(text)) return invalidParameter(name, `Invalid integer value: '${text}'.`);
  const value = Number(text);
  if (value < 1) {
    return invalidParameter(name, `Invalid value '${value}'. Values must be within the range: [1, 2147483647]`);
  }
  return Math.min(value, most);
}

import type { ObjectName } from '../account.ts';
import type { Entry } from '../store/collection.ts';

/** What is wrong with a query, in words for the caller. */
export class SearchError extends Error {}

export interface SearchQuery {
  readonly objects: readonly ObjectName[];
  /** Set if the query names one organization. */
  readonly organization: number | null;
  matches(entry: Entry): boolean;
}

type Test = (entry: Entry) => boolean;
type Compare = (left: string | number, right: string | number) => boolean;

const OBJECTS: Readonly<Record<string, ObjectName>> = {
  ticket: 'tickets',
  organization: 'organizations',
  user: 'users',
};
const COMPARISONS: Readonly<Record<string, Compare>> = {
  ':': (left, right) => left === right,
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
};
const STATUS_ORDER = ['new', 'open', 'pending', 'hold', 'solved', 'closed'];
const ORDERED_TEXT: Readonly<Record<string, readonly string[]>> = {
  status: STATUS_ORDER,
  priority: ['low', 'normal', 'high', 'urgent'],
};
/** Search word to the record's key. */
const KEYS: Readonly<Record<string, string>> = {
  status: 'status',
  priority: 'priority',
  ticket_type: 'type',
  external_id: 'external_id',
  requester: 'requester_id',
  requester_id: 'requester_id',
  assignee: 'assignee_id',
  assignee_id: 'assignee_id',
  organization: 'organization_id',
  organization_id: 'organization_id',
  email: 'email',
  role: 'role',
  name: 'name',
};
const TIMES: Readonly<Record<string, string>> = {
  created: 'created_at',
  created_at: 'created_at',
  updated: 'updated_at',
  updated_at: 'updated_at',
};

/**
 * The part of Zendesk's search language that integrations use: `type:`,
 * `organization:`, properties with `: < > <= >=`, `tags:`, dates, a leading
 * minus, quoted phrases and plain words. All terms must hold.
 */
export function parseSearch(text: string): SearchQuery {
  const terms = text.match(/-?[a-z_]+(?:<=|>=|[:<>])(?:"[^"]*"|\S+)|-?"[^"]*"|\S+/gi) ?? [];
  let objects: readonly ObjectName[] = ['tickets', 'organizations', 'users'];
  let organization: number | null = null;
  const tests: Test[] = [];
  for (const term of terms) {
    const negative = term.startsWith('-');
    const match = /^-?([a-z_]+)(<=|>=|[:<>])(.*)$/is.exec(term);
    if (match === null) {
      tests.push(signed(containing(unquoted(term.replace(/^-/, ''))), negative));
      continue;
    }
    const [name, operator, value] = [match[1]?.toLowerCase() ?? '', match[2] ?? ':', unquoted(match[3] ?? '')];
    if (name === 'type') {
      objects = [objectNamed(value)];
      continue;
    }
    const isOrganization = name === 'organization' || name === 'organization_id';
    if (isOrganization && /^\d+$/.test(value) && !negative) organization = Number(value);
    tests.push(signed(property(name, operator, value), negative));
  }
  return { objects, organization, matches: (entry) => tests.every((test) => test(entry)) };
}

function objectNamed(value: string): ObjectName {
  const object = OBJECTS[value.toLowerCase()];
  if (object === undefined) throw new SearchError(`unknown type ${value}`);
  return object;
}

function property(name: string, operator: string, value: string): Test {
  const compare = COMPARISONS[operator] as Compare;
  if (name === 'tags') {
    const wanted = value.split(/[\s,]+/);
    return ({ body }) => wanted.some((tag) => (body['tags'] as readonly string[]).includes(tag));
  }
  const time = TIMES[name];
  if (time !== undefined) return timeTest(time, operator, compare, value);
  const key = KEYS[name];
  if (key === undefined) throw new SearchError(`unknown property ${name}`);
  if (value === 'none') return ({ body }) => body[key] === null || body[key] === undefined;
  const order = ORDERED_TEXT[key];
  if (order !== undefined) {
    const wanted = order.indexOf(value.toLowerCase());
    return ({ body }) => body[key] !== null && compare(order.indexOf(textOf(body[key])), wanted);
  }
  return ({ body }) => body[key] !== null && compare(textOf(body[key]).toLowerCase(), value.toLowerCase());
}

/** A day alone means the whole day for `:`, and its first moment otherwise. */
function timeTest(key: string, operator: string, compare: Compare, value: string): Test {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value);
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new SearchError(`${value} is no date`);
  return ({ body }) => {
    const text = body[key];
    if (typeof text !== 'string') return false;
    return day && operator === ':' ? text.startsWith(value) : compare(Date.parse(text), at);
  };
}

/** Words are looked for in what people read: subject, description, name, email. */
function containing(words: string): Test {
  const wanted = words.toLowerCase();
  return ({ body }) =>
    ['subject', 'description', 'name', 'email'].some((key) => {
      const text = body[key];
      return typeof text === 'string' && text.toLowerCase().includes(wanted);
    });
}

function signed(test: Test, negative: boolean): Test {
  return negative ? (entry) => !test(entry) : test;
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/s, '$1');
}

/** Texts and numbers as text; nothing for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

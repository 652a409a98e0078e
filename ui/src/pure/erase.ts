/** What was put into the form that erases a person. */
export interface EraseWish {
  readonly email: string;
  /** A line each. */
  readonly users: string;
  /** `crm/Contact/0031x00000AbCdE`, a line each. */
  readonly records: string;
  readonly texts: string;
  readonly mentions: boolean;
  readonly note: string;
}

export const emptyErase: EraseWish = { email: '', users: '', records: '', texts: '', mentions: false, note: '' };

export type EraseBody =
  | { readonly kind: 'body'; readonly body: { readonly [name: string]: unknown } }
  /** What is wrong, for people. */
  | { readonly kind: 'wrong'; readonly why: string };

/** The body of `POST /v1/tenants/{tenant}/erasures`, without `dry_run`. */
export function eraseBody({ email, users, records, texts, mentions, note }: EraseWish): EraseBody {
  const named: { readonly connection: string; readonly object: string; readonly id: string }[] = [];
  for (const line of linesIn(records)) {
    const [connection = '', object = '', ...rest] = line.split('/');
    const id = rest.join('/');
    if (connection === '' || object === '' || id === '') {
      return { kind: 'wrong', why: `“${line}” is no record: write connection/object/id.` };
    }
    named.push({ connection, object, id });
  }
  const body = {
    ...(email.trim() === '' ? {} : { email: email.trim() }),
    users: linesIn(users),
    records: named,
    texts: linesIn(texts),
    mentions,
    ...(note.trim() === '' ? {} : { note: note.trim() }),
  };
  if (email.trim() === '' && body.users.length === 0 && named.length === 0) {
    return { kind: 'wrong', why: 'Name an e-mail address, a user or a record.' };
  }
  return { kind: 'body', body };
}

/** What there is of somebody, with what was asked for it: answers come late, and the form may say somebody else by then. */
export interface Looked<Report> {
  readonly path: string;
  readonly body: { readonly [name: string]: unknown };
  readonly report: Report;
}

/** Null: nobody has looked at what the form says now. What is erased is what was looked at. */
export function lookedAt<Report>(
  looked: Looked<Report> | null,
  { path, wish }: { readonly path: string; readonly wish: EraseWish },
): Looked<Report> | null {
  if (looked === null || looked.path !== path) return null;
  const asked = eraseBody(wish);
  return asked.kind === 'body' && JSON.stringify(asked.body) === JSON.stringify(looked.body) ? looked : null;
}

const linesIn = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const states: Readonly<Record<string, string>> = {
  asked: 'begun: looking through all records',
  hidden: 'their records are hidden from agents; places are being emptied',
  cleared: 'every place is emptied; copies are made anew',
  copied: 'copies are made anew; it is looked once more',
  done: 'done, with proof',
  lifted: 'done; what was left out may come in again',
};

export const erasureText = (state: string): string => states[state] ?? state;

/** How many of its five steps are behind it. */
export const erasureSteps = ['asked', 'hidden', 'cleared', 'copied', 'done'] as const;
export const stepsDone = (state: string): number =>
  state === 'lifted' ? erasureSteps.length : 1 + erasureSteps.findIndex((each) => each === state);

/** `record: 3, audit: 2`; nothing: `nothing`. */
export function placesText(places: Readonly<Record<string, number>>): string {
  const told = Object.entries(places).map(([place, count]) => `${place.replaceAll('_', ' ')}: ${String(count)}`);
  return told.length === 0 ? 'nothing' : told.join(', ');
}

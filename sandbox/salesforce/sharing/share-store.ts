import { CHILD_OBJECTS, createFamily, type Family } from './family.ts';
import { compressed, createGrantReader, type Grant, type GrantParts, type GrantReader } from './grants.ts';
import { CHILDREN_OF_ACCOUNT } from './objects.ts';
import { createShareRows, type ShareRows } from './share-rows.ts';
import { NO_CHILDREN } from './state.ts';

export interface ShareStoreParts extends GrantParts {
  /** Objects that have share rows when their model restricts anything. */
  readonly shareable: readonly string[];
  nowMs(): number;
}

/** The org's share rows, brought up to date when somebody looks at them. */
export interface ShareStore {
  rows(object: string): ShareRows;
  /** Records of an account, by object; live ones only. */
  childrenOf(account: number, object: string): ReadonlySet<number>;
  /** A record was changed, created or deleted. */
  touched(object: string, row: number): void;
  /** Grows with every change of the setup or of a record. */
  version(): number;
}

/**
 * Keeps what a record's own grants, its owner and its parent or children say
 * as rows, and changes only those that have to: a record that changed, with
 * its account; everything after a change of the setup.
 */
export function createShareStore(parts: ShareStoreParts): ShareStore {
  const { state, records, shareable } = parts;
  const tables = createTables(parts);
  const family = createFamily(records);
  const grants = implicitGrants(parts, createGrantReader(parts), family, tables.of);
  const dirty = new Map<string, Set<number>>();
  let stateVersion = -1;
  let version = 0;
  let changedMs = state.changedMs;

  const put = (object: string, row: number): void => tables.put(object, row, grants(object, row), changedMs);
  const putAll = (): void => {
    for (const object of CHILD_OBJECTS)
      for (let row = 0; row < records.count(object); row += 1) family.place(object, row);
    // Accounts come first: what is below them may depend on their rows.
    for (const object of shareable.toSorted((a, b) => Number(b === 'Account') - Number(a === 'Account')))
      for (let row = 0; row < records.count(object); row += 1) put(object, row);
  };
  const putDirty = (): void => {
    const accounts = new Set(dirty.get('Account') ?? []);
    for (const object of CHILD_OBJECTS)
      for (const row of dirty.get(object) ?? []) for (const account of family.place(object, row)) accounts.add(account);
    for (const row of accounts) put('Account', row);
    for (const [object, rows] of dirty)
      if (object !== 'Account' && shareable.includes(object)) for (const row of rows) put(object, row);
    if (!state.implicitChild) return;
    for (const object of CHILD_OBJECTS)
      for (const account of accounts) for (const row of family.children(account, object)) put(object, row);
  };
  const settle = (): void => {
    if (stateVersion === state.version && dirty.size === 0) return;
    const whole = stateVersion !== state.version;
    stateVersion = state.version;
    changedMs = Math.max(changedMs, state.changedMs);
    version += 1;
    // While nothing is restricted nobody needs the rows.
    if (tables.areUsed()) {
      if (whole) putAll();
      else putDirty();
    }
    dirty.clear();
  };

  return {
    rows: (object) => {
      settle();
      return tables.of(object);
    },
    childrenOf: (account, object) => {
      settle();
      return family.children(account, object);
    },
    touched: (object, row) => {
      records.forget(object, row);
      changedMs = parts.nowMs();
      const rows = dirty.get(object) ?? new Set<number>();
      dirty.set(object, rows);
      rows.add(row);
    },
    version: () => {
      settle();
      return version;
    },
  };
}

/** Rows by object, where they are kept at all. */
function createTables({ records, model, shareable }: ShareStoreParts) {
  const tables = new Map<string, ShareRows>();
  let made = 0;
  const restricts = (object: string): boolean => model(object) === 'Private' || model(object) === 'Read';
  const isActive = (object: string): boolean =>
    restricts(object) || (object === 'Account' && CHILD_OBJECTS.some((child) => restricts(child)));
  const of = (object: string): ShareRows => {
    const known = tables.get(object) ?? createShareRows(object, () => (made += 1));
    tables.set(object, known);
    return known;
  };
  return {
    of,
    areUsed: () => tables.size > 0 || shareable.some((object) => isActive(object)),
    put: (object: string, row: number, grants: readonly Grant[], atMs: number): void =>
      of(object).set({ row, id: records.id(object, row) }, isActive(object) ? grants : [], atMs),
  };
}

/** A record's own grants, with what follows from the records below or above it. */
function implicitGrants(
  { state, model }: ShareStoreParts,
  reader: GrantReader,
  family: Family,
  rows: (object: string) => ShareRows,
): (object: string, row: number) => readonly Grant[] {
  const restricts = (object: string): boolean => model(object) === 'Private' || model(object) === 'Read';
  /** Whoever a record below an account belongs to or is shared with may read the account. */
  const upward = (object: string, child: number): readonly Grant[] =>
    reader
      .own(object, child)
      .filter(({ cause }) => cause === 'Owner' || restricts(object))
      .map(({ to }) => ({ to, cause: 'ImplicitParent', access: 'Read', children: NO_CHILDREN }));
  const ofAccount = (row: number): readonly Grant[] => {
    const implicit = CHILD_OBJECTS.flatMap((object) =>
      [...family.children(row, object)].flatMap((child) => upward(object, child)),
    );
    return compressed([...reader.own('Account', row), ...implicit]);
  };
  const downward = (object: string, row: number): readonly Grant[] => {
    const account = family.accountOf(object, row);
    const level = CHILDREN_OF_ACCOUNT[object];
    if (!state.implicitChild || account === undefined || level === undefined) return [];
    return rows('Account')
      .of(account)
      .flatMap(({ to, children: { [level]: access } }) =>
        access === 'None' ? [] : [{ to, cause: 'ImplicitChild', access, children: NO_CHILDREN }],
      );
  };
  return (object, row) =>
    object === 'Account' ? ofAccount(row) : [...reader.own(object, row), ...downward(object, row)];
}

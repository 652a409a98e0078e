/** What merging means, said once more without SQL: over all records at once, pair by pair. */

export interface OracleRecord {
  readonly part: number;
  readonly connection: string;
  readonly id: string;
  /** Comparable values, strongest key first. */
  readonly keys: readonly (string | null)[];
}

/** The records as groups, each with its records in the order of their parts. */
export function groupsOf(records: readonly OracleRecord[]): OracleRecord[][] {
  let groups = records.map((record) => [record]);
  const keyCount = records[0]?.keys.length ?? 0;
  for (let key = 0; key < keyCount; key += 1) {
    const joins = (a: OracleRecord, b: OracleRecord): boolean =>
      a.connection !== b.connection &&
      a.keys[key] !== null &&
      a.keys[key] === b.keys[key] &&
      !isShared(records, key, a.keys[key] ?? null) &&
      a.keys.slice(0, key).every((value, at) => value === null || b.keys[at] === null || value === b.keys[at]);
    groups = joined(groups, (one, other) => one.some((a) => other.some((b) => joins(a, b))));
  }
  return groups.map((group) => group.toSorted((a, b) => a.part - b.part));
}

/** Whether two records of one connection have the value. */
function isShared(records: readonly OracleRecord[], key: number, value: string | null): boolean {
  const connections = records.filter((record) => record.keys[key] === value).map((record) => record.connection);
  return new Set(connections).size < connections.length;
}

function joined(
  groups: readonly OracleRecord[][],
  linked: (one: OracleRecord[], other: OracleRecord[]) => boolean,
): OracleRecord[][] {
  const left = new Set(groups);
  const result: OracleRecord[][] = [];
  for (const start of groups) {
    if (!left.delete(start)) continue;
    const reached = [start];
    for (const group of reached) {
      for (const other of left) {
        if (!linked(group, other)) continue;
        left.delete(other);
        reached.push(other);
      }
    }
    const all = reached.flat();
    const unique = new Set(all.map((record) => record.connection)).size === all.length;
    result.push(...(unique ? [all] : reached));
  }
  return result;
}

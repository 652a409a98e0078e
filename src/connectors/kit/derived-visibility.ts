import type { ConnectorSession, NativeRecord } from '../contract.ts';
import type { SessionPermissions, Standing } from '../permissions.ts';
import type { NativeObject } from '../../schema/index.ts';

/**
 * Asks again for everything that visibility follows from, records included:
 * for providers that answer no question about another user, and whose records
 * say all of it (strategy `record`).
 */
export function derivedVisibility(
  permissions: Required<Pick<SessionPermissions, 'readFacts' | 'audienceOf' | 'readStandings'>>,
  readRecords: NonNullable<ConnectorSession['readRecords']>,
): NonNullable<SessionPermissions['visibleTo']> {
  return async (user, object, ids) => {
    if (ids.length === 0) return new Set();
    const facts = await permissions.readFacts([object]);
    const [[standing], { records }] = await Promise.all([
      permissions.readStandings([user], [object], facts),
      readRecords(object, ids),
    ]);
    if (standing === undefined) return new Set();
    const audience = (record: NativeRecord): readonly string[] =>
      permissions.audienceOf(object, record, facts)?.grantees ?? [];
    return new Set(records.filter((record) => isShown(standing, object, record, audience)).map(({ id }) => id));
  };
}

function isShown(
  standing: Standing,
  object: NativeObject,
  record: NativeRecord,
  audienceOf: (record: NativeRecord) => readonly string[],
): boolean {
  const rights = standing.objects.get(object.name);
  if (!standing.active || rights === undefined || record.deleted) return false;
  const own = new Set(standing.grantees);
  return rights.seesAll || audienceOf(record).some((grantee) => own.has(grantee));
}

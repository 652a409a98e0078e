import type { PlantedDefect } from './types.ts';

const suite = 'test/security/differential.test.ts';

export const securityDifferentialDefects: PlantedDefect[] = [
  {
    name: 'native objects are shown whole, whatever their access classes',
    file: 'src/mapping/restrict/native-select.ts',
    find: `classesSql('t."_acl"', classes) : null`,
    replace: `classesSql('t."_acl"', 'all') : null`,
    suite,
    slow: true,
  },
  {
    name: 'groups within groups are not followed',
    file: 'src/connectors/salesforce/access/org-chart.ts',
    find: 'for (const id of found) for (const { group } of holders.get(id) ?? []) found.add(group);',
    replace: 'for (const id of []) for (const { group } of holders.get(id) ?? []) found.add(group);',
    suite,
    slow: true,
  },
  {
    name: 'standings are read once and never again',
    file: 'src/sync/access/read-standings.ts',
    find: 'return isDue(context, access.standingsAt, now, context.intervals.refreshMs);',
    replace: 'return access.standingsAt === null;',
    suite,
    slow: true,
  },
  {
    name: 'rights are said to be as new as the question',
    file: 'src/app/access/read-rights.ts',
    find: 'return rightsFrom({ principal, now: tx.now, maxAgeMs, streams, connections: known });',
    replace: `const rights = rightsFrom({ principal, now: tx.now, maxAgeMs, streams, connections: known });
  const now = [...rights.streams].map(([id, each]) => [id, each.kind === 'known' ? { ...each, asOf: tx.now } : each] as const);
  return { ...rights, streams: new Map(now) };`,
    suite,
    slow: true,
  },
  {
    name: 'fields of which a permission set says nothing are readable',
    file: 'src/connectors/salesforce/access/object-rights.ts',
    find: 'return openFields.has(whole) || given.has(whole) || given.has(field);',
    replace: 'return openFields.has(whole) || given.size > 0;',
    suite,
    slow: true,
  },
];

import type { PlantedDefect } from './types.ts';

const gate = 'test/tidy/crash-points.test.ts';

/** What torture/planted cannot show, because it would lie about itself: the gate, the orders, the line and the checker. */
export const tortureGateDefects: readonly PlantedDefect[] = [
  {
    name: 'a transaction has no crash points',
    file: 'src/store/lens-nodes.ts',
    find: "await db.tx((tx) => tx.query(lensNodesSql.leave, [id]), 'lens.node_leave');",
    replace: 'await db.tx((tx) => tx.query(lensNodesSql.leave, [id]));',
    suite: gate,
  },
  {
    name: 'something is written outside a transaction',
    file: 'src/store/lens-nodes.ts',
    find: "await db.tx((tx) => tx.query(lensNodesSql.leave, [id]), 'lens.node_leave');",
    replace: 'await db.query(lensNodesSql.leave, [id]);',
    suite: gate,
  },
  {
    name: 'a call leaves the process beside the wrapper',
    file: 'src/lens/peers.ts',
    find: "await send('lens.peer', ",
    replace: 'await fetch(',
    suite: gate,
  },
  {
    name: 'two transactions share one crash point',
    file: 'src/app/callers/tenants.ts',
    find: "'app.add_key'",
    replace: "'app.add_tenant'",
    suite: gate,
  },
  {
    name: 'any server ends itself when a variable says so',
    file: 'src/app/crash-plan.ts',
    find: "if (env['GANTRY_REHEARSAL'] !== '1') {",
    replace: "if (env['GANTRY_REHEARSAL'] === '0') {",
    suite: 'test/torture/crash-plan.test.ts',
  },
  {
    name: 'the crash comes a passage late',
    file: 'src/app/crash-plan.ts',
    find: 'const times = (passed.get(point) ?? 0) + 1;',
    replace: 'const times = passed.get(point) ?? 0;',
    suite: 'test/torture/crash-plan.test.ts',
  },
  {
    name: 'the checker does not look for records that should be gone',
    file: 'torture/checker/compare.ts',
    find: 'if (!there.has(id)) found.push(',
    replace: 'if (id === null) found.push(',
    suite: 'test/torture/checker.test.ts',
  },
  {
    name: 'the line gives the whole answer where it should end too early',
    file: 'torture/proxy/tunnel.ts',
    find: 'client.end(chunk.subarray(0, left))',
    replace: 'client.end(chunk)',
    suite: 'test/torture/proxy.test.ts',
  },
  {
    name: 'of several points only the first is armed',
    file: 'src/app/crash-plan.ts',
    find: "text.split(',').map((each)",
    replace: "text.split(',').slice(0, 1).map((each)",
    suite: 'test/torture/crash-plan.test.ts',
  },
  {
    name: 'the checker counts too many calls at the edge of a span',
    file: 'torture/checker/invariants.ts',
    find: '>= windowMs) first += 1;',
    replace: '> windowMs) first += 1;',
    suite: 'test/torture/checker.test.ts',
  },
  {
    name: 'the checker lets events come in any order',
    file: 'torture/checker/told.ts',
    find: 'if (!seen.has(key) && arrival.sequence < before) return arrival;',
    replace: 'if (seen.has(key) && arrival.sequence < before) return arrival;',
    suite: 'test/torture/checker.test.ts',
  },
  {
    name: 'crash points of a group are left out',
    file: 'torture/acts/groups.ts',
    find: ': !named.has(areaOf(point)),',
    replace: ": areaOf(point) === 'inbox',",
    suite: 'test/torture/acts.test.ts',
  },
  {
    name: 'a process claims all its streams under one name',
    file: 'src/sync/worker.ts',
    find: 'const holders = numbered(options.name);',
    replace: 'const holders = () => options.name;',
    suite: 'test/sync/own-lease.test.ts',
  },
  {
    name: 'large answers are read all at once',
    file: 'src/connectors/kit/response-body.ts',
    find: 'size > turn.fromBytes',
    replace: 'size > turn.fromBytes * 1_000_000',
    suite: 'test/connectors/large-answers.test.ts',
  },
  {
    name: 'the line lets the provider say where it is itself',
    file: 'torture/proxy/tunnel.ts',
    find: 'at !== -1; at = changed.indexOf',
    replace: 'at === -2; at = changed.indexOf',
    suite: 'test/torture/proxy.test.ts',
  },
];

import { describe, expect, it } from 'vitest';
import { crashPointsOf, judgeSources, readSources } from '../../torture/gate/crash-points.ts';
import { violationText } from '../../torture/gate/violation.ts';

const root = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');

/** What one file would be told. */
function told(text: string, path = 'src/sync/somewhere.ts'): string[] {
  return judgeSources([{ path, text }]).violations.map(violationText);
}

describe('crash points', () => {
  it('stand before and after everything in src that leaves the process or commits', async () => {
    const { places, violations } = judgeSources(await readSources(root));
    expect(violations.map(violationText)).toEqual([]);
    const points = crashPointsOf(places);
    expect(points.length).toBeGreaterThanOrEqual(100);
    expect(points).toEqual(
      expect.arrayContaining([
        'sync.keep_page.before_commit',
        'connector.call.after_send',
        'connector.token.before_send',
      ]),
    );
  });

  it('are found where a place is named', () => {
    const text = `
      import { send } from '../kernel/index.ts';
      export const a = (db: Db) => db.tenantTx<Row>(1, (tx) => tx.query(\`insert into x values (1)\`), 'sync.a');
      export const b = (db: Db) => db.tx(async (tx) => { await tx.query('delete from x'); }, 'sync.b');
      export const c = () => send('connector.c', 'https://x', {});`;
    const { places, violations } = judgeSources([{ path: 'src/sync/x.ts', text }]);
    expect(violations).toEqual([]);
    expect(crashPointsOf(places)).toEqual([
      'connector.c.after_send',
      'connector.c.before_send',
      'sync.a.after_commit',
      'sync.a.before_commit',
      'sync.b.after_commit',
      'sync.b.before_commit',
    ]);
  });

  it('are found where a helper hands the name on', () => {
    const text = `
      const change = (key: Key, place: string) => db.tenantTx(1, (tx) => keep(tx, key), place);
      export const a = () => change(1, 'budget.a');
      export const b = () => row.change(2, 'budget.b');`;
    const { places, violations } = judgeSources([{ path: 'src/budget/x.ts', text }]);
    expect(violations).toEqual([]);
    expect(places.map(({ name }) => name)).toEqual(['budget.a', 'budget.b']);
  });

  const noName = /^src\/sync\/somewhere\.ts:1 .* without a literal name of its place/;
  it.each([
    ['a transaction without a name', 'db.tenantTx(1, (tx) => keep(tx));', noName],
    ['a name that is not a literal', 'db.tx((tx) => keep(tx), place);', noName],
    ['a name that is not <area>.<what>', "db.tx((tx) => keep(tx), 'keepPage');", noName],
    [
      'a helper whose caller computes the name',
      'const f = (place: string) => db.tx((tx) => keep(tx), place); f(nameOf(x));',
      noName,
    ],
    ['a call whose place is computed', "import { send } from '../kernel/index.ts'; send(place, url, {});", noName],
    [
      'two transactions of one name',
      "db.tx((tx) => a(tx), 'a.b'); db.tx((tx) => b(tx), 'a.b');",
      /a\.b is also that of/,
    ],
    ['a transaction taken as a value', 'const run = db.tenantTx;', /taken as a value/],
    ['fetch', 'await fetch(url);', /fetch beside send/],
    ['fetch by another name', 'await globalThis.fetch(url);', /fetch beside send/],
    ['a socket', "import { connect } from 'node:net';", /node:net opens lines out/],
    ['an http client', "import http from 'node:http'; http.request(url);", /node:http opens lines out/],
    ['a gRPC channel', "import * as grpc from '@grpc/grpc-js';", /@grpc\/grpc-js opens lines out/],
    ['an import at run time', "await import('undici');", /imported at run time/],
    ['a commit by hand', "await session.script('commit');", /begun or ended beside/],
    ['a commit among the statements', "export const xSql = { end: 'COMMIT' };", /begun or ended beside/],
    ['a write on the database itself', "await db.query('insert into x values (1)');", /a write outside a transaction/],
    [
      'a write by a named statement',
      'const xSql = { a: `update x set y = 1` }; deps.db.query(xSql.a);',
      /a write outside/,
    ],
    ['a statement that is put together', 'await db.query(textOf(x));', /shows at run time only/],
    [
      'a write through a helper',
      "function keep(db: Directory) { return db.query('delete from x'); } keep(deps.db);",
      /keep writes, and is given no transaction/,
    ],
    [
      'a write through a helper of a helper',
      "function keep(db: Directory) { return db.query('delete from x'); } const both = (d: Directory) => keep(d); both(deps.db);",
      /both writes, and is given no transaction/,
    ],
  ])('miss nothing: %s', (_what, text, message) => {
    expect(told(text)).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ['reading on the database itself', "await db.query('select 1');"],
    ['a hint to other processes', "await db.query('select pg_notify($1, $2)', [a, b]);"],
    ['a server', "import { createServer, type Server } from 'node:http';"],
    ['types of a client', "import type { Dispatcher } from 'undici';"],
    ['the word among others', "const kinds = ['rollback', 'begin']; run('rollback REVISION');"],
    ['a comment', "// await fetch(url); db.query('delete from x')"],
    [
      'a line with points of its own',
      "import { connect } from 'node:tls'; crashPoint('alert.mail.before_send'); connect(x); crashPoint('alert.mail.after_send');",
    ],
  ])('leave alone: %s', (_what, text) => {
    expect(told(text)).toEqual([]);
  });

  it('do not stand inside migrations', () => {
    expect(told('alter table x add y int;\ncommit;\n', 'src/store/migrations/0099_x.sql')).toHaveLength(1);
    expect(told('do $$\nbegin\n  perform 1;\nend $$;\n', 'src/store/migrations/0099_x.sql')).toEqual([]);
  });
});

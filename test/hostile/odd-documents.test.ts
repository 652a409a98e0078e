import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import type { Mangle } from './mangling-proxy.ts';
import { rigOf, suffers, type Rig } from './rig.ts';
import { withText } from './rows.ts';
import { ways, type Way } from './ways.ts';

/** Answers that are documents of their own kind: tables as CSV, values as XML. */
const open = openerOf('pglite');
let db: Db;
beforeAll(async () => {
  db = await open();
});

const MALFORMED = ['upstream_malformed'];

describe('CSV that is none', () => {
  const way = ways['bulk'] as Way;
  let sandbox: TestSandbox;
  let rig: Rig;
  beforeAll(async () => {
    sandbox = await startSandbox(way.provider, way.start);
    rig = await rigOf(db, way, sandbox);
    // One page of results is kept, the others are to come.
    expect((await rig.run(undefined, { pages: 1 })).error).toBeNull();
  });
  afterAll(async () => {
    await rig.stop();
    await sandbox.stop();
  });

  const lines = (change: (lines: string[]) => string[]): Mangle =>
    withText((text) => change(text.split('\n')).join('\n'));
  /** Every row, the header included; its cells are quoted and hold no commas of their own in these columns. */
  const header = (change: (names: string[]) => string[]): Mangle =>
    lines(([first = '', ...rest]) => [change(first.trim().split(',')).join(','), ...rest]);

  it.each<[string, Mangle]>([
    ['a quote that is never closed', lines((all) => [...all.slice(0, 2), `"${all[2] ?? ''}`, ...all.slice(3)])],
    [
      'a quote within a cell',
      lines((all) => [...all.slice(0, 2), (all[2] ?? '').replace('"', '"x"'), ...all.slice(3)]),
    ],
    [
      'a row with a cell too many',
      lines((all) => [...all.slice(0, 2), `${(all[2] ?? '').trim()},"more"`, ...all.slice(3)]),
    ],
    ['a row with cells too few', lines((all) => [...all.slice(0, 2), '"001"', ...all.slice(3)])],
    ['a row too many', lines((all) => [...all.slice(0, 2), ...all.slice(1)])],
    ['a row too few', lines((all) => [all[0] ?? '', ...all.slice(2)])],
    [
      'a header without a field that was asked for',
      header((names) => names.map((each) => (each === '"Name"' ? '"Nomen"' : each))),
    ],
    ['a header that names a field twice', header((names) => names.map((each) => (each === '"Name"' ? '"Id"' : each)))],
    ['a header without ids', header((names) => names.map((each) => (each === '"Id"' ? '"id"' : each)))],
    ['no header', lines((all) => all.slice(1))],
    ['a header only', lines((all) => all.slice(0, 1))],
    ['another separator', withText((text) => text.replaceAll(',', ';'))],
    ['one cell of a million quotes', withText(() => `"Id"\n"${'""'.repeat(1_000_000)}"\n`)],
    ['200,000 columns', withText(() => `"Id"${',"x"'.repeat(200_000)}\n`)],
    ['a count that is none', withText((text) => text, { 'sforce-numberofrecords': 'many' })],
    ['an endless locator', withText((text) => text, { 'sforce-locator': 'L'.repeat(5_000) })],
  ])('does not move on at %s', async (_, how) => {
    await suffers(rig, how, MALFORMED);
  });

  it('ends with all records, each once', async () => {
    expect((await rig.run()).error).toBeNull();
    expect(await rig.records()).toEqual(await rig.truth());
  });
});

describe('XML that is meant to do harm', () => {
  const way = ways['xmlrpc'] as Way;
  let sandbox: TestSandbox;
  let rig: Rig;
  beforeAll(async () => {
    sandbox = await startSandbox(way.provider, way.start);
    rig = await rigOf(db, way, sandbox);
    expect((await rig.run()).error).toBeNull();
  });
  afterAll(async () => {
    await rig.stop();
    await sandbox.stop();
  });

  const before = (prolog: string, change: (text: string) => string = (text) => text): Mangle =>
    withText((text) => `<?xml version="1.0"?>${prolog}${change(text.replace(/<\?xml[^>]*\?>/, ''))}`);
  const laughs = Array.from(
    { length: 9 },
    (_, n) => `<!ENTITY l${String(n + 1)} "${`&l${String(n)};`.repeat(10)}">`,
  ).join('');
  const answer = (value: string): Mangle =>
    withText(
      () =>
        `<?xml version="1.0"?><methodResponse><params><param><value>${value}</value></param></params></methodResponse>`,
    );
  const record = (name: string): string =>
    `<array><data><value><struct><member><name>id</name><value><int>7</int></value></member>` +
    `<member><name>name</name><value>${name}</value></member></struct></value></data></array>`;

  it.each<[string, Mangle]>([
    ['entities that grow a billionfold', before(`<!DOCTYPE x [<!ENTITY l0 "lol">${laughs}]>`)],
    [
      'an entity from a file',
      before('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', (text) =>
        text.replace(/<string>[^<]*/, '<string>&f;'),
      ),
    ],
    ['an entity from another host', before('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">')],
    ['entities in a parameter', before('<!DOCTYPE x [<!ENTITY % p "<!ENTITY q \'r\'>"> %p;]>')],
    ['a document type in small letters', before('<!doctype x [<!entity l0 "lol">]>')],
    ['a tag that is not closed', withText((text) => text.replace('</struct>', ''))],
    ['two roots', withText((text) => text + text.replace(/<\?xml[^>]*\?>/, ''))],
    ['no root', withText(() => '<?xml version="1.0"?>')],
    ['a type that there is not', answer(record('<object>x</object>'))],
    ['a number that is a word', answer(record('<int>many</int>'))],
    ['a number beyond all', answer(record('<double>1e999</double>'))],
    [
      'an id that lost its digits',
      answer(record('<string>x</string>').replace('<int>7</int>', '<i8>9007199254740993</i8>')),
    ],
    ['a list that is none', answer('<int>5</int>')],
    [
      'arrays in arrays, 20,000 deep',
      answer(`${'<array><data><value>'.repeat(20_000)}${'</value></data></array>'.repeat(20_000)}`),
    ],
  ])('is not taken: %s', async (_, how) => {
    await suffers(rig, how, MALFORMED);
  });

  it('is text where it stands for text, and goes on', async () => {
    const texts = ['&lt;!DOCTYPE x [&lt;!ENTITY a "b"&gt;]&gt;', '&unknown;', '&#0;&#xD800;x', '&#1114112;'];
    for (const text of texts) {
      rig.proxy.mangle(
        way.isRead,
        withText((whole) =>
          whole.replaceAll(/(<name>website<\/name>\s*<value>\s*<string>)[^<]*/g, (_, lead: string) => lead + text),
        ),
      );
      expect((await rig.run()).error).toBeNull();
      rig.proxy.heal();
    }
    const [id = ''] = [...(await rig.records()).keys()];
    await sandbox.mutate({
      op: 'update',
      object: way.object,
      id,
      fields: { [way.field]: 'https://danach.example' },
    });
    expect((await rig.run()).error).toBeNull();
    expect((await rig.records()).get(id)).toMatchObject({ [way.field]: 'https://danach.example' });
  });
});

describe('one very large value', () => {
  it('is kept, and holds up nothing else', async () => {
    const way = ways['zendesk'] as Way;
    const sandbox = await startSandbox(way.provider, way.start);
    const rig = await rigOf(db, way, sandbox);
    const large = 'x'.repeat(50_000_000);
    let isSent = false;
    rig.proxy.mangle(way.isRead, (answer, response, call) => {
      const pattern = /"subject":"[^"]*"/;
      withText((text) => {
        isSent ||= pattern.test(text);
        return text.replace(pattern, () => `"subject":"${large}"`);
      })(answer, response, call);
    });
    const report = await rig.run();
    expect(isSent).toBe(true);
    expect(report.error).toBeNull();
    expect((await rig.run(way.beside)).error).toBeNull();
    rig.proxy.heal();
    expect((await rig.records()).size).toBe((await rig.truth()).size);
    await rig.stop();
    await sandbox.stop();
  });
});

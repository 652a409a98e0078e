import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { verifyCopy } from '../../src/app/index.ts';
import { auditAppender, auditKinds, checkpointKey, sentenceOf, type AuditEntry } from '../../src/audit/index.ts';
import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import { commands } from '../../src/cli/all-commands.ts';
import { dayRange, sinceMoment } from '../../src/cli/audit-times.ts';
import { csvLine } from '../../src/cli/csv-line.ts';
import { systemRandom, tenantId, type JsonObject } from '../../src/kernel/index.ts';
import { addCheckpoint, addTenant } from '../../src/store/index.ts';
import { openIdentityStage, type IdentityStage } from '../identity/stage.ts';

/** What writes will say once somebody writes; the doors are the same whoever says it. */
const change = (n: number, more: Partial<AuditEntry> = {}): AuditEntry => ({
  kind: 'write_ended',
  actor: { kind: 'agent', agent: 'copilot', principal: 'ida' },
  subject: {
    plan: `plan_${String(n)}`,
    connection: 'crm',
    object: 'Account',
    record: `crm/Account/0${String(n)}`,
    label: `Nordwind 100% AG ${String(n)}`,
  },
  reason: 'the customer asked',
  amount: n * 100,
  detail: {
    operation: 'update',
    outcome: { kind: 'applied' },
    changes: [{ field: 'status', label: 'Status', before: 'active', after: 'churned' }],
  },
  ...more,
});

describe('the audit behind its doors', () => {
  let stage: IdentityStage;
  let acme: ReturnType<typeof tenantId>;
  const append = auditAppender(systemRandom);
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    stage = await openIdentityStage();
    const [row] = await stage.gantry.db.query<{ id: number }>(`select id from tenant where slug = 'acme'`);
    acme = tenantId(row?.id ?? 0);
    for (const [name, role] of [
      ['vera', 'viewer'],
      ['otto', 'operator'],
      ['olga', 'operator'],
    ] as const) {
      const made = await stage.ask('POST', '/v1/operators', stage.operatorKey, { body: { name, role } });
      keys[name] = String(made.body['key']);
    }
    await stage.gantry.db.tenantTx(
      acme,
      (tx) => append(tx, acme, [change(1), change(2), change(3, { actor: { kind: 'operator', name: 'otto' } })]),
      'test.append',
    );
    stage.gantry.startWorker();
  }, 300_000);
  afterAll(() => stage.stop());

  const search = async (query: string): Promise<JsonObject[]> => {
    const { status, body } = await stage.ask('GET', `/v1/audit?tenant=acme&${query}`, stage.operatorKey);
    expect(status, JSON.stringify(body)).toBe(200);
    return body['entries'] as JsonObject[];
  };
  const cli = async (
    words: string,
    who = stage.operatorKey,
    more: Record<string, string> = {},
  ): Promise<{ code: number; lines: string[] }> => {
    const lines: string[] = [];
    const command = commands.find(({ name }) => words.startsWith(name));
    if (command === undefined) throw new Error(words);
    const code = await command.run({
      args: words
        .slice(command.name.length)
        .split(' ')
        .filter((word) => word !== ''),
      env: { GANTRY_PUBLIC_URL: stage.url, GANTRY_OPERATOR_KEY: who, ...more },
      out: (line) => lines.push(line),
      untilAsked: () => Promise.resolve(),
    });
    return { code, lines };
  };

  it('has each call of an agent, those that were refused as well, with what was asked', async () => {
    const key = stage.keys.get('copilot') ?? null;
    await stage.ask('POST', '/v1/tools/search_catalog', key, { body: { query: 'a canary' } });
    await stage.ask('POST', '/v1/tools/query_sql', key, { body: { sql: 'select 1' } });
    const calls = await vi.waitFor(
      async () => {
        const found = await search('agent=copilot&kind=tool_called');
        expect(found).toHaveLength(2);
        return found;
      },
      { timeout: 120_000 },
    );
    expect(calls.map(({ sentence }) => sentence)).toEqual([
      'copilot called query_sql: tool unknown.',
      'copilot called search_catalog.',
    ]);
    expect(calls[1]).toMatchObject({ detail: { input: { query: 'a canary' } }, actor: { agent: 'copilot' } });
  });

  it('answers by record, name, person, amount, plan, kind and day, page by page', async () => {
    const seqs = async (query: string) => (await search(query)).map(({ subject }) => (subject as JsonObject)['plan']);
    expect(await seqs('about=crm/Account/02')).toEqual(['plan_2']);
    expect(await seqs('about=02')).toEqual(['plan_2']);
    expect(await seqs(`about=${encodeURIComponent('wind 100%')}`)).toEqual(['plan_3', 'plan_2', 'plan_1']);
    expect(await seqs(`about=${encodeURIComponent('wind 1_0')}`)).toEqual([]);
    expect(await seqs('person=otto&kind=write_ended')).toEqual(['plan_3']);
    expect(await seqs('person=ida')).toEqual(['plan_2', 'plan_1']);
    expect(await seqs('amount_from=150&amount_to=250')).toEqual(['plan_2']);
    expect(await seqs('plan=plan_1')).toEqual(['plan_1']);
    expect((await search('plan=plan_1'))[0]).toMatchObject({ systems: ['crm'] });
    expect(await seqs('kind=write_ended,plan_ended&to=2020-01-01T00:00:00Z')).toEqual([]);
    const first = await stage.ask('GET', '/v1/audit?tenant=acme&kind=write_ended&limit=2', stage.operatorKey);
    expect(first.body['next']).toEqual(expect.any(Number) as number);
    const rest = await search(`kind=write_ended&limit=2&before=${String(first.body['next'])}`);
    expect(rest).toHaveLength(1);
  });

  it('is said in words, and as CSV that no spreadsheet runs', async () => {
    const { lines } = await cli('audit --tenant acme --about 01 --day today');
    expect(lines).toEqual([
      expect.stringContaining(
        'copilot, for ida, changed Nordwind 100% AG 1 (crm/Account/01): Status from active to churned. Reason given: “the customer asked”.',
      ) as string,
    ]);
    expect((await cli('audit --tenant acme --about 01 --day yesterday')).lines).toEqual([
      'Nothing of that kind happened.',
    ]);
    const csv = await cli('audit --tenant acme --about 01 --csv --all');
    expect(csv.lines[0]).toBe('seq,at,kind,sentence,actor,subject,reason,amount,detail');
    expect(csv.lines).toHaveLength(2);
    expect(csvLine(['=1+1', 'a "b", c', '-2'])).toBe(`'=1+1,"a ""b"", c",'-2`);
  });

  it('refuses what nobody can mean, and whoever may not look', async () => {
    const wrong = await stage.ask('GET', '/v1/audit?tenant=acme&kind=write_endet', stage.operatorKey);
    expect(wrong.status).toBe(400);
    expect(JSON.stringify(wrong.body)).toContain('write_ended');
    expect((await stage.ask('GET', '/v1/audit?tenant=acme', keys['vera'] ?? null)).status).toBe(403);
    expect((await stage.ask('GET', '/v1/audit?tenant=acme', stage.keys.get('copilot') ?? null)).status).toBe(401);
    expect(await search('about=nobody')).toEqual([]);
    const others = await stage.ask('GET', '/v1/audit?tenant=globex', stage.operatorKey);
    expect((others.body['entries'] as JsonObject[]).map(({ sentence }) => sentence)).toEqual([
      'Gantry changed a key of agent copilot: made.',
    ]);
    await expect(cli('audit --tenant acme --day someday')).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('stops at once, and takes two people with keys of their own to go on', async () => {
    const thrown = await cli('kill --tenant acme --reason wrong-amounts --operation update --json', keys['otto']);
    const id = String((JSON.parse(thrown.lines[0] ?? '{}') as JsonObject)['id']);
    expect((await cli('switches --tenant acme', keys['vera'])).lines[0]).toContain(
      'stop_writes of operation update by otto',
    );
    await expect(cli(`kill lift ${id} --tenant acme --reason mended`)).rejects.toMatchObject({
      code: 'switch_needs_second_person',
    });
    const otto = await cli(`kill lift ${id} --tenant acme --reason mended`, keys['otto']);
    expect(otto.lines[0]).toContain('once somebody else');
    await expect(cli(`kill lift ${id} --tenant acme --reason mended`, keys['otto'])).rejects.toMatchObject({
      code: 'switch_needs_second_person',
    });
    expect((await cli(`kill lift ${id} --tenant acme --reason mended`, keys['olga'])).lines).toEqual(['It goes on.']);
    await expect(cli(`kill lift ${id} --tenant acme --reason mended`, keys['olga'])).rejects.toMatchObject({
      code: 'switch_lifted',
    });
    await expect(
      cli('kill --tenant acme --reason x --connection crm --agent copilot', keys['otto']),
    ).rejects.toMatchObject({ code: 'switch_scope_unknown' });
    await expect(cli('kill --reason x', keys['otto'])).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('tells who gave a user a password, took it away and ended their sign-ins, and no password', async () => {
    const body = { tenant: 'acme', name: 'zoe', password: 'a canary of 40 characters, and no word' };
    expect((await stage.ask('POST', '/v1/local-users', stage.operatorKey, { body })).status).toBeLessThan(300);
    const out = { body: { tenant: 'acme', agent: 'copilot' } };
    await stage.ask('POST', '/v1/principals/zoe/sign-out', stage.operatorKey, out);
    for (const status of [200, 404]) {
      const removed = await stage.ask('DELETE', '/v1/local-users/zoe?tenant=acme', stage.operatorKey);
      expect(removed.status).toBe(status);
    }
    const entries = await search('person=zoe');
    expect(entries.map(({ sentence }) => sentence)).toEqual([
      'operator changed the sign-ins of user zoe: ended.',
      'operator changed the password of user zoe: removed.',
      'operator changed the sign-ins of user zoe for agent copilot: ended.',
      'operator changed the password of user zoe: set.',
    ]);
    expect(JSON.stringify(entries)).not.toContain('canary');
  });

  it('has what concerns everybody in a chain of its own: operators, suspended agents, switches', async () => {
    const globally = await cli('kill --everybody --reason incident-42', keys['otto']);
    expect(globally.code).toBe(0);
    const [open] = (await stage.ask('GET', '/v1/switches', stage.operatorKey)).body['switches'] as JsonObject[];
    for (const who of ['otto', 'olga']) await cli(`kill lift ${String(open?.['id'])} --reason mended`, keys[who]);
    await cli('agents suspend copilot --note odd', stage.operatorKey);
    await cli('agents resume copilot', stage.operatorKey);
    await stage.ask('POST', '/v1/operators', stage.operatorKey, { body: { name: 'gone', role: 'viewer' } });
    await cli('operators remove gone', stage.operatorKey);
    const { lines } = await cli('audit --limit 8');
    const said = [
      'operator changed the key of operator gone: taken back.',
      'operator changed the key of operator gone: made.',
      'changed agent copilot: let go on.',
      'changed agent copilot: suspended. Reason given: “odd”.',
      'olga let everything of everybody go on, as otto had asked. Reason given: “mended”.',
      'otto asked for everything of everybody to go on; somebody else has to grant it. Reason given: “mended”.',
      'otto stopped everything of everybody (stop_writes). Reason given: “incident-42”.',
    ];
    for (const [at, sentence] of said.entries()) expect(lines[at]).toContain(sentence);
    await vi.waitFor(
      async () => {
        const text = await readFile(join(stage.dataDir, 'audit', 'installation.0.jsonl'), 'utf8');
        expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).toMatchObject({ tenant: 'installation', number: 0 });
        const verified = (await stage.ask('GET', '/v1/audit/verification', stage.operatorKey)).body;
        // Three operators made at first, and what was done since; all of it signed.
        expect(verified).toMatchObject({ ok: true, entries: 10, end: { seq: 10 } });
        expect(JSON.parse(text.trim().split('\n').at(-1) ?? '')).toMatchObject({ seq: 10 });
      },
      { timeout: 120_000 },
    );
    const { db } = stage.gantry;
    await db.query(`update audit_payload set body = replace(body, 'suspended', 'warned') where tenant = 0`);
    const found = await cli('audit verify');
    expect(found.code).toBe(1);
    expect(found.lines).toContainEqual(expect.stringMatching(/^#7: body changed$/));
  });

  it('of a tenant that left does not speak for the next one of its name', async () => {
    const { db } = stage.gantry;
    const chainOf = async (entries: number): Promise<[string, string]> => {
      const tenant = await addTenant(db, { slug: 'initech', at: new Date('2026-01-01') });
      const all = Array.from({ length: entries }, (_, n) => change(n));
      await db.tenantTx(tenant, (tx) => append(tx, tenant, all), 'test.append');
      await db.query(`update audit_turn set due_at = now() - interval '1 hour'`);
      const file = join(stage.dataDir, 'audit', `initech.${String(tenant)}.jsonl`);
      const text = await vi.waitFor(() => readFile(file, 'utf8'), { timeout: 120_000 });
      expect(await cli('audit verify --tenant initech')).toMatchObject({ code: 0 });
      return [file, text];
    };
    const [, former] = await chainOf(5);
    await cli('tenant offboard initech --confirm initech');
    const [file, text] = await chainOf(2);
    // Nor where somebody puts its lines there.
    await writeFile(file, `${former}${text}`);
    const verified = await stage.ask('GET', '/v1/audit/verification?tenant=initech', stage.operatorKey);
    expect(verified.body).toMatchObject({ ok: false, findings: [], checkpoints: { badly_signed: 1 } });
    await writeFile(file, text);
    expect((await cli('audit verify --tenant initech')).code).toBe(0);
  });

  it('is signed outside the database, and shows what somebody changed', async () => {
    const { db } = stage.gantry;
    await db.query(`update audit_turn set due_at = now() - interval '1 hour'`);
    await vi.waitFor(
      async () => {
        const text = await readFile(join(stage.dataDir, 'audit', `acme.${String(acme)}.jsonl`), 'utf8');
        expect(text.trim().split('\n').length).toBeGreaterThan(0);
      },
      { timeout: 120_000 },
    );
    expect(await cli('audit verify --tenant acme')).toMatchObject({ code: 0 });
    // Of another master key's time; what it says is not looked at here.
    const former = checkpointKey(systemRandom.bytes(32));
    const said = { tenant: 'acme', number: acme, seq: 1, hash: new Uint8Array(32), at: new Date() };
    await db.query('delete from audit_checkpoint where tenant = $1 and seq = 1', [acme]);
    await db.tenantTx(acme, (tx) => addCheckpoint(tx, acme, signCheckpoint(former, said)), 'test.former');
    const unknown = await cli('audit verify --tenant acme');
    expect(unknown.code).toBe(1);
    expect(unknown.lines.slice(-2)).toEqual([
      `Signed by keys that are not known here (${former.id}): 1 checkpoint, which says nothing of whether something was changed. Name the keys of former master keys: docs/audit.md, "Former keys".`,
      'Nothing was found that was changed; not all of it can be told without these keys.',
    ]);
    await db.query('delete from audit_checkpoint where tenant = $1 and seq = 1', [acme]);
    // As somebody who has the file, the public key and a database, and nothing else.
    const [publicKey = ''] = (await cli('audit key', '', { GANTRY_DATA_DIR: stage.dataDir })).lines;
    const text = await readFile(join(stage.dataDir, 'audit', `acme.${String(acme)}.jsonl`), 'utf8');
    const asAuditor = (lines: string) => verifyCopy(db, { tenant: 'acme', text: lines, publicKeys: [publicKey] });
    expect(await asAuditor(text)).toMatchObject({ ok: true, checkpoints: { badly_signed: 0 } });
    expect(await asAuditor(`${text}{"tenant": "acme"}\n`)).toMatchObject({ ok: false, findings: [] });
    expect(await verifyCopy(db, { tenant: 'acme', text, publicKeys: ['0'.repeat(64)] })).toMatchObject({ ok: false });
    await db.query(`update audit_payload set body = replace(body, 'churned', 'active') where kind = 'write_ended'`);
    const found = await cli('audit verify --tenant acme');
    expect(found.code).toBe(1);
    expect(found.lines).toContainEqual(expect.stringMatching(/^#\d+: body changed$/));
    await db.query('delete from audit_entry where tenant = $1', [acme]);
    await db.query('delete from audit_head where tenant = $1', [acme]);
    await db.query('delete from audit_checkpoint where tenant = $1', [acme]);
    expect((await cli('audit verify --tenant acme')).lines).toContainEqual(
      expect.stringMatching(/^#\d+: end missing$/),
    );
  });
});

describe('sentences and spans', () => {
  it('have words for every kind', () => {
    for (const kind of auditKinds) {
      const sentence = sentenceOf({ ...change(1), kind, detail: {} });
      expect(sentence).toMatch(/\.( Reason given: “the customer asked”\.)?$/);
      expect(sentence).not.toMatch(/undefined|\[object|null/);
    }
  });

  it('take a day of the week for the last one that is over', () => {
    // A Saturday.
    const now = new Date(2026, 10, 21, 15);
    const begins = (day: string): string => dayRange(day, now).from.toDateString();
    expect(begins('tuesday')).toBe('Tue Nov 17 2026');
    expect(begins('Saturday')).toBe('Sat Nov 14 2026');
    expect(begins('friday')).toBe('Fri Nov 20 2026');
    expect(begins('today')).toBe('Sat Nov 21 2026');
    expect(begins('2026-03-29')).toBe('Sun Mar 29 2026');
    expect(dayRange('2026-03-29', now).to.toDateString()).toBe('Mon Mar 30 2026');
    expect(sinceMoment('24h', now).toDateString()).toBe('Fri Nov 20 2026');
    expect(() => sinceMoment('soon', now)).toThrow('no span');
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GantryError, limits, type TenantId } from '../../src/kernel/index.ts';
import { createHostLink, type HostLifeEvent, type HostLink } from '../../src/lens/host-link.ts';
import { parseAgentSql } from '../../src/lens/parse-agent-sql.ts';

const tenant = 1 as TenantId;
const mine = { tenant, session: 'mine' };
// Without the lens's own check these keep DuckDB's parser busy for a tenth of a second or more each.
const slow = `select 1 ${'/*'.repeat(4_000)}`;

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof GantryError ? error.code : error),
  );

describe("the parse of agents' statements", () => {
  const events: HostLifeEvent[] = [];
  let dir: string;
  let host: HostLink;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lens-'));
    host = createHostLink({ dir, openMax: 4 }, (event) => events.push(event));
  });
  afterAll(async () => {
    await host.close();
    await rm(dir, { recursive: true, force: true });
  });

  const pid = (): number | undefined => events.findLast((event) => event.kind === 'started')?.pid;
  const parseUnchecked = (sql: string, session: string): Promise<string> =>
    host.call('parse', { tenant, session, sql, timeoutMs: 60_000 }, 60_000);

  it('runs nothing, and tells where a text is wrong', async () => {
    expect(JSON.parse(await parseAgentSql(host, 'select a from crm.x', mine))).toMatchObject({ error: false });
    expect(JSON.parse(await parseAgentSql(host, 'selec a', mine))).toMatchObject({ error: true, position: '0' });
  });

  it('gives each of 200 at once its own answer', async () => {
    const asked = Array.from({ length: 200 }, (_, index) => index);
    const parses = await Promise.all(
      asked.map((index) =>
        parseAgentSql(host, `select 'id_${index}' from t`, {
          tenant: (index % 5) as TenantId,
          session: `s${index % 7}`,
        }),
      ),
    );
    asked.forEach((index) => expect(parses[index]).toContain(`"id_${index}"`));
  });

  it('lets another caller through while one has many that take long', async () => {
    let over = 0;
    const many = Array.from({ length: 8 }, () => parseUnchecked(slow, 'busy').then(() => (over += 1)));
    await parseAgentSql(host, 'select 1', mine);
    expect(over).toBeLessThan(8);
    await Promise.all(many);
  });

  it('tells the caller of one that takes too long, and leaves the process to the others', async () => {
    const before = pid();
    const request = { tenant, session: 'late', sql: slow, timeoutMs: 60_000 };
    await expect(host.call('parse', request, 60_000, 1)).rejects.toThrow('timeout');
    await parseAgentSql(host, 'select 1', mine);
    expect(pid()).toBe(before);
  });

  it.each([
    ['nested comments', `select 1 ${'/*'.repeat(limits.sqlCommentsMax + 1)}`],
    ['signs', `select 1 ${'+-'.repeat(limits.sqlSignRunMax)}1`],
    ['plus signs', `select ${'+'.repeat(limits.sqlSignRunMax + 1)}1`],
  ])('refuses too many %s unparsed', async (_, sql) => {
    expect(await codeOf(parseAgentSql(host, sql, mine))).toBe('query_too_large');
  });

  it('takes comments and decorations as people write them', async () => {
    const decorated = `-- ${'-'.repeat(500)}\n${'/* why */ '.repeat(limits.sqlCommentsMax)} select 1 -- ${'='.repeat(200)}`;
    expect(JSON.parse(await parseAgentSql(host, decorated, mine))).toMatchObject({ error: false });
  });

  it('tells when the process ended under it', async () => {
    await parseAgentSql(host, 'select 1', mine);
    const ahead = parseUnchecked(slow, mine.session).catch(() => undefined);
    const outcome = codeOf(parseAgentSql(host, 'select 2', mine));
    process.kill(pid() ?? 0, 'SIGKILL');
    expect(await outcome).toBe('lens_restarted');
    await ahead;
    expect(JSON.parse(await parseAgentSql(host, 'select 3', mine))).toMatchObject({ error: false });
  });
});

/**
 * `npm run demo [-- --json] [-- --scale N] [-- --seed N]`: the whole path from
 * customised systems to an agent's answer, checked against a live fan-out; then
 * the same question at a second customer, who has other systems; then an agent
 * that writes, as far as policy and people let it.
 * `--stay` (`npm run dev`) leaves everything running instead.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStage, type Stage } from '../stage/open-stage.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { firstLoad, type FirstLoad } from './first-load.ts';
import { playScenes } from './scenes.ts';
import { secondCustomer } from './second-customer.ts';
import { stayUp } from './stay-up.ts';
import { playWrites } from './write-scenes.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    stay: { type: 'boolean', default: false },
    scale: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    port: { type: 'string' },
  },
});

async function main(): Promise<number> {
  const started = performance.now();
  const terminal = openTerminal(process.stdout, values.json);
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-demo-'));
  let stage: Stage | null = null;
  try {
    terminal.heading('1. Starting: embedded PostgreSQL, six sandboxes of four providers, the server');
    stage = await openStage({
      scale: Number(values.scale),
      seed: Number(values.seed),
      dataDir,
      databaseUrl: process.env['DATABASE_URL'] ?? null,
      port: Number(values.port ?? (values.stay ? 7070 : 0)),
      logLevel: process.env['GANTRY_LOG_LEVEL'] ?? 'warn',
      whole: true,
      globexScale: Math.max(2_000, Math.round(Number(values.scale) / 5)),
    });
    terminal.line(`  ${stage.url}, tenants acme and globex`);
    terminal.heading('2. Customer acme connects its systems (OAuth, PKCE) and everything is loaded');
    const load = await firstLoad(stage, terminal);
    report(terminal, load);
    if (values.stay) {
      await stage.globex?.connectAll();
      terminal.line('  Customer globex is connected, too: Odoo, Zendesk, Google Calendar');
      await stayUp(stage, terminal);
      return 0;
    }
    const acme = await playScenes(stage, terminal);
    const second = await secondCustomer(stage, terminal);
    const writes = await playWrites(stage, terminal);
    const ok = acme.ok && second.same_answer && writes.ok;
    const figures = { ...acme, ok, second_customer: second, writes };
    const seconds = (performance.now() - started) / 1_000;
    terminal.heading(`Done in ${seconds.toFixed(1)} s`);
    if (values.json) {
      const { records, objects, ms, upstreamCalls } = load;
      const backfill = { records, objects, ms: Math.round(ms), upstream_calls: upstreamCalls };
      process.stdout.write(`${JSON.stringify({ ...figures, seconds: round(seconds), backfill })}\n`);
    }
    return figures.ok ? 0 : 1;
  } finally {
    await stage?.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function report(terminal: Terminal, load: FirstLoad): void {
  const perSecond = Math.round(load.records / (load.ms / 1_000));
  terminal.line(
    `  ${load.records.toLocaleString('en-US')} records of ${String(load.objects)} objects in ${(load.ms / 1_000).toFixed(1)} s` +
      ` (${perSecond.toLocaleString('en-US')}/s, ${String(load.upstreamCalls)} upstream calls)`,
  );
}

const round = (value: number): number => Math.round(value * 10) / 10;

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = 1;
  if (values.json) process.stdout.write(`${JSON.stringify({ ok: false, error: String(error) })}\n`);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

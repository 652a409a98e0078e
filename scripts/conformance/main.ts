/**
 * `npm run conformance`: the protocol's own conformance suite and its
 * inspector, neither of them ours, against our MCP endpoint over real HTTP.
 * They need a newer Node than we do and come from the registry; where they
 * cannot be had the run says so, and fails under CI.
 */
import { migrate, openPglite } from '../../src/store/index.ts';
import { startProfile } from '../../test/mcp/conformance/profile.ts';
import { startReal } from '../../test/mcp/real-instance.ts';
import { checkInspector } from './inspector.ts';
import { outsideTools, type RunOutside } from './outside-tools.ts';
import { checkProduct } from './product.ts';
import { failuresOf, passes, requiredScenarios, runSuite } from './suite.ts';
import { withKey } from './with-key.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Every scenario that each revision requires, against the endpoint with the suite's fixtures behind it. */
async function checkRevisions(run: RunOutside): Promise<number> {
  const profile = await startProfile();
  const door = await withKey(profile.url, profile.key);
  let wrong = 0;
  try {
    for (const revision of ['2026-07-28', '2025-11-25']) {
      const required = await requiredScenarios(run, revision);
      const findings = await runSuite(run, door.url, ['--requirements', revision]);
      const failed = required.filter((scenario) => !passes(findings.get(scenario)));
      wrong += failed.length;
      // Five of its scenarios need a session: the profile's, for the product has none.
      const sessions = revision === '2025-11-25' ? ' (over sessions, which only the profile has)' : '';
      const passed = `${String(required.length - failed.length)}/${String(required.length)}`;
      say(`${revision}: ${passed} required scenarios${sessions}`);
      for (const scenario of failed) {
        say(`  ✗ ${scenario}`);
        const checks = findings.get(scenario) ?? [];
        for (const { id, errorMessage } of failuresOf(checks)) say(`      ${id}: ${errorMessage ?? ''}`);
      }
    }
  } finally {
    await door.stop();
    await profile.stop();
  }
  return wrong;
}

async function checkOwn(run: RunOutside): Promise<number> {
  const db = await openPglite({ memory: true });
  await migrate(db);
  const product = await startReal(db);
  const key = 'analyst';
  const door = await withKey(product.url, key);
  try {
    say('the product, without fixtures:');
    const wrong = await checkProduct(run, door.url, say);
    say('the inspector, with a key of its own:');
    return wrong + (await checkInspector(run, { url: product.url, key }, say));
  } finally {
    await door.stop();
    await product.stop();
    await db.close();
  }
}

async function main(): Promise<number> {
  let run: RunOutside;
  try {
    run = await outsideTools();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const inCi = process.env['CI'] !== undefined && process.env['CI'] !== '';
    say(`conformance: ${inCi ? 'FAILED' : 'SKIPPED'}, the suite cannot be had from the registry: ${why}`);
    return inCi ? 1 : 0;
  }
  const wrong = (await checkRevisions(run)) + (await checkOwn(run));
  say(wrong === 0 ? 'conformance: all passed' : `conformance: ${String(wrong)} failed`);
  return wrong === 0 ? 0 : 1;
}

process.exitCode = await main();

/**
 * `node torture/checker/main.ts --facts FILE --within 60 [--looks 3]`: waits
 * until everything that the providers have has arrived, at most so many seconds
 * (I10), then judges the invariants. With `--looks`, what still differs in the
 * same way after everything was read so many times will not come any more.
 * With `--under-way` only what may never happen is judged.
 * One line of JSON: a Verdict.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { compareSystem } from './compare.ts';
import { readFacts, type Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { bareSecrets, earlyCalls, idleVersions, leaks, manyCalls, resurrections } from './invariants.ts';
import { openReplica, type Replica } from './replica.ts';
import { story } from './story.ts';
import { forgottenDeliveries, untold, wronglyTold } from './told.ts';
import { openTruth, type Truth } from './truth.ts';
import type { Verdict } from './verdict.ts';
import { unsettledWrites, wrongWrites } from './writes.ts';

const { values } = parseArgs({
  options: {
    facts: { type: 'string' },
    within: { type: 'string', default: '60' },
    looks: { type: 'string' },
    'under-way': { type: 'boolean', default: false },
  },
});
const facts = readFacts(values.facts ?? '');
const LOOK_MS = 300;
const ASK_MS = values.looks === undefined ? 3_000 : 1_500;
const looks = Number(values.looks ?? Infinity);

async function converged(
  replica: Replica,
  truths: readonly Truth[],
): Promise<{ readonly ms: number; readonly waitedFor: string | null; readonly left: Finding[] }> {
  const startedAt = performance.now();
  const deadline = startedAt + Number(values.within) * 1_000;
  let askedAt = -Infinity;
  let since = (await replica.lastRuns()).now;
  let same = { text: '', times: 0 };
  let waitedFor: string | null = null;
  for (;;) {
    if (performance.now() - askedAt >= ASK_MS) {
      askedAt = performance.now();
      await askToSync(facts);
    }
    const left = await differing(replica, truths);
    const now = performance.now();
    const { oldest, now: databaseNow } = await replica.lastRuns();
    if (oldest !== null && oldest > since) {
      since = databaseNow;
      const text = JSON.stringify(left);
      same = { text, times: text === same.text ? same.times + 1 : 1 };
    }
    if (left.length === 0 || now >= deadline || same.times >= looks)
      return { ms: Math.round(now - startedAt), waitedFor, left };
    waitedFor = left[0]?.what ?? null;
    await sleep(LOOK_MS);
  }
}

async function differing(replica: Replica, truths: readonly Truth[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [at, system] of facts.systems.entries()) {
    const truth = truths[at];
    if (truth === undefined) continue;
    try {
      found.push(...(await compareSystem(facts, system, truth, replica)));
    } catch (error) {
      // A door that does not answer yet is a difference like another; if it stays, it is told.
      found.push({
        invariant: 'I10',
        tenant: system.tenant,
        what: error instanceof Error ? error.message : String(error),
      });
    }
  }
  const truthOf = (integration: string): Truth | undefined =>
    truths[facts.systems.findIndex((system) => system.integration === integration)];
  found.push(...(await unsettledWrites(facts, replica.journal, truthOf)));
  if (found.length === 0) found.push(...(await untold(facts, replica)));
  return found;
}

async function askToSync({ url, operatorKey, systems }: Facts): Promise<void> {
  for (const { tenant, integration } of systems) {
    await fetch(`${url}/v1/connections/${integration}/sync`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ tenant }),
    })
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
  }
}

async function main(): Promise<Verdict> {
  const replica = await openReplica(facts);
  try {
    const truths = await Promise.all(facts.systems.map(openTruth));
    // Under way, some of it has not arrived yet.
    const { ms, waitedFor, left } = values['under-way']
      ? { ms: 0, waitedFor: null, left: [] }
      : await converged(replica, truths);
    const findings = [
      ...left,
      ...(await resurrections(facts, replica)),
      ...(await idleVersions(facts, replica)),
      ...(await leaks(facts, replica)),
      ...(await forgottenDeliveries(facts, replica)),
      ...(await wronglyTold(facts, replica)),
      ...(await wrongWrites(facts, replica.journal)),
      ...(await manyCalls(facts)),
      ...(await earlyCalls(facts)),
      ...(await bareSecrets(facts, replica)),
    ];
    const [first] = findings;
    return {
      ok: first === undefined,
      convergedMs: ms,
      waitedFor,
      findings,
      story: first === undefined ? [] : story(facts, first),
    };
  } finally {
    await replica.close();
  }
}

const verdict = await main();
process.stdout.write(`${JSON.stringify(verdict)}\n`);
process.exitCode = verdict.ok ? 0 : 1;

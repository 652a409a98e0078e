/**
 * `node torture/checker/main.ts --facts FILE --within 60`: waits until
 * everything that the providers have has arrived, at most so many seconds
 * (I10), then judges the invariants. One line of JSON: a Verdict.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { compareSystem } from './compare.ts';
import { readFacts, type Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { bareSecrets, earlyCalls, leaks, resurrections } from './invariants.ts';
import { openReplica, type Replica } from './replica.ts';
import { story } from './story.ts';
import { openTruth, type Truth } from './truth.ts';
import type { Verdict } from './verdict.ts';

const { values } = parseArgs({ options: { facts: { type: 'string' }, within: { type: 'string', default: '60' } } });
const facts = readFacts(values.facts ?? '');
const LOOK_MS = 500;
const ASK_MS = 5_000;

async function converged(
  replica: Replica,
  truths: readonly Truth[],
): Promise<{ readonly ms: number; readonly left: Finding[] }> {
  const startedAt = performance.now();
  const deadline = startedAt + Number(values.within) * 1_000;
  let askedAt = -Infinity;
  for (;;) {
    if (performance.now() - askedAt >= ASK_MS) {
      askedAt = performance.now();
      await askToSync(facts);
    }
    const left = await differing(replica, truths);
    const now = performance.now();
    if (left.length === 0 || now >= deadline) return { ms: Math.round(now - startedAt), left };
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
    const { ms, left } = await converged(replica, truths);
    const findings = [
      ...left,
      ...(await resurrections(facts, replica)),
      ...(await leaks(facts, replica)),
      ...(await earlyCalls(facts)),
      ...(await bareSecrets(facts, replica)),
    ];
    const [first] = findings;
    return {
      ok: first === undefined,
      convergedMs: ms,
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

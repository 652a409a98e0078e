import type { RunOutside } from './outside-tools.ts';
import { failuresOf, runSuite } from './suite.ts';

interface ProductScenario {
  readonly revision: '2026-07-28' | '2025-11-25';
  readonly scenario: string;
  /** Checks that fail because they ask for something that the product has not, with the reason. */
  readonly without?: Readonly<Record<string, string>>;
}

const noPrompts = 'the product has no prompts';
const noFixture = 'asks for a tool that only a test server has';

/** What can be asked of any server: the product itself is asked, with its real tools. */
const scenarios: readonly ProductScenario[] = [
  {
    revision: '2026-07-28',
    scenario: 'server-stateless',
    without: {
      'sep-2575-server-rejects-undeclared-capability': noFixture,
      'sep-2575-missing-capability-http-400': noFixture,
      'sep-2575-http-server-no-independent-requests-on-stream': noFixture,
      'sep-2575-server-no-log-without-loglevel': noFixture,
    },
  },
  { revision: '2026-07-28', scenario: 'tools-list' },
  { revision: '2026-07-28', scenario: 'resources-list' },
  { revision: '2026-07-28', scenario: 'sep-2164-resource-not-found' },
  { revision: '2026-07-28', scenario: 'dns-rebinding-protection' },
  { revision: '2026-07-28', scenario: 'server-sse-multiple-streams' },
  { revision: '2026-07-28', scenario: 'http-header-validation' },
  { revision: '2026-07-28', scenario: 'caching', without: { 'sep-2549-prompts-list-caching-hints': noPrompts } },
  { revision: '2025-11-25', scenario: 'server-initialize' },
  { revision: '2025-11-25', scenario: 'ping' },
  { revision: '2025-11-25', scenario: 'tools-list' },
  { revision: '2025-11-25', scenario: 'resources-list' },
  { revision: '2025-11-25', scenario: 'dns-rebinding-protection' },
];

/** Runs the product through them; returns how many are not as they should be. */
export async function checkProduct(run: RunOutside, url: string, say: (line: string) => void): Promise<number> {
  let wrong = 0;
  for (const { revision, scenario, without = {} } of scenarios) {
    const findings = await runSuite(run, url, ['--scenario', scenario, '--spec-version', revision]);
    const checks = [...findings.values()].flat();
    const failures = failuresOf(checks);
    const unexpected = failures.filter(({ id }) => without[id] === undefined);
    const stale = Object.keys(without).filter((id) => !failures.some((failure) => failure.id === id));
    const good = checks.filter(({ status }) => status === 'SUCCESS').length;
    const left = Object.keys(without).length;
    const ok = unexpected.length === 0 && stale.length === 0 && good > 0;
    if (!ok) wrong += 1;
    say(
      `  ${ok ? '✓' : '✗'} ${revision} ${scenario}: ${String(good)} checks` +
        (left === 0 ? '' : `, ${String(left)} left out (${[...new Set(Object.values(without))].join('; ')})`),
    );
    for (const { id, errorMessage } of unexpected) say(`      ${id}: ${errorMessage ?? ''}`);
    for (const id of stale) say(`      ${id} did not fail: its entry is out of date`);
  }
  return wrong;
}

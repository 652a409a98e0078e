import { loadProject, renderProblem, type Manifest } from '../../src/manifest/index.ts';
import {
  policyRules,
  sumKey,
  type PolicyPart,
  type PolicyQuestion,
  type PolicyRules,
  type Spent,
} from '../../src/policy/index.ts';
import { files, known } from '../manifest/project.ts';

/** The small project of the manifest's tests with a policy file. Raises every mistake in it. */
export function manifestWith(policies: string, agent: string | null = null): Manifest {
  const all: Record<string, string> = { ...files, 'policies/rules.yaml': policies };
  const gantry = all['gantry.yaml'];
  if (agent !== null && gantry !== undefined) {
    all['gantry.yaml'] = gantry.replace('    owner: ida@acme.example\n', `    owner: ida@acme.example\n${agent}`);
  }
  const result = loadProject(new Map(Object.entries(all)), known);
  if (result.kind === 'problems') throw new Error(result.problems.map(renderProblem).join('\n'));
  return result.manifest;
}

export const rulesOf = (policies: string, agent: string | null = null): PolicyRules =>
  policyRules(manifestWith(policies, agent), 'helper', '2026-11-21');

export const part = (more: Partial<PolicyPart> = {}): PolicyPart => ({
  integration: 'crm',
  mode: 'autonomous',
  connection: 'acme-crm',
  object: 'Opportunity',
  model: 'deal',
  operation: 'update',
  records: 1,
  fields: ['name'],
  rows: [],
  ...more,
});

/** What was accepted before, by sum; nothing where it is not named. */
export const spentOf = (sums: Readonly<Record<string, Spent>>): PolicyQuestion['spent'] => {
  return (sum) => sums[sumKey(sum)] ?? { amount: 0, records: 0 };
};

export const question = (more: Partial<PolicyQuestion> = {}): PolicyQuestion => ({
  agent: 'helper',
  principal: 'lena@acme.example',
  intent: null,
  safety: 'gated_write',
  accountable: 'ida@acme.example',
  parts: [part()],
  amount: 0,
  currency: 'EUR',
  readUntrusted: false,
  spent: spentOf({}),
  ...more,
});

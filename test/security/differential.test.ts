import { describe, expect, it } from 'vitest';
import { runDifferential } from '../../security/differential/run-differential.ts';
import { salesforce } from '../../security/differential/systems/salesforce.ts';

/** The whole of it, with 200 users of each provider, is `npm run security -- --suite differential`. */
describe('what Gantry shows a user, beside what the provider shows that user', () => {
  it('is the same for some users of a Salesforce org, at rest, while it changes, and afterwards', async () => {
    const lines: string[] = [];
    const told = await runDifferential({ seed: 3, users: 8, rounds: 4, echo: (line) => lines.push(line) }, [
      salesforce,
    ]);
    expect(told, lines.join('\n')).toMatchObject({ failed: 0, examples: [] });
    // Lists and fields of 10 objects for everybody, questions by chance, and answers while it changes.
    expect(told.tried).toBeGreaterThan(8 * 30 + 60);
    expect(lines.join('\n')).toContain('4 changes');
  }, 1_200_000);
});

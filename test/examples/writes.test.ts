import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Terminal } from '../../examples/renewals/demo/terminal.ts';
import { playWrites } from '../../examples/renewals/demo/write-scenes.ts';
import { openStage } from '../../examples/renewals/stage/open-stage.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const clean of cleanUp.toReversed()) await clean();
});

test('the demo writes: alone, with an approver, with the named one; takes it back; and can tell of it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-demo-writes-'));
  cleanUp.push(() => rm(dataDir, { recursive: true, force: true }));
  const stage = await openStage({ scale: 4_000, seed: 3, dataDir, databaseUrl: null, port: 0, logLevel: 'silent' });
  cleanUp.push(() => stage.close());
  await stage.operator.connect('crm', stage.crm);
  await stage.operator.loaded(['crm']);
  const printed: string[] = [];
  const terminal: Terminal = {
    line: (text = '') => printed.push(text),
    heading: (text) => printed.push(text),
    progress: () => undefined,
    table: () => undefined,
  };

  const figures = await playWrites(stage, terminal);

  expect(figures, printed.join('\n')).toMatchObject({
    ok: true,
    changes: [
      { amount: 300, decision: 'allow', asked_of: null, state: 'done', written_once: true, review_within_hours: null },
      { amount: 1_200, decision: 'approve', asked_of: 'any approver', state: 'done', written_once: true },
      {
        amount: 8_000,
        asked_of: 'lena.brandt@acme.example',
        turned_away: 'approval_not_yours',
        review_within_hours: 24,
      },
    ],
    undo: { restored: 3, decision: 'approve', state: 'done', as_before: true },
    audit: { proven: true },
  });
  expect(figures.audit.sentences).toHaveLength(6);
  for (const sentence of figures.audit.sentences)
    expect(sentence).toMatch(/^renewals-desk changed .+ – .+ \(crm\/Opportunity\/.+ from .+ to /);
}, 300_000);

import { afterARestart } from './after-a-restart.ts';
import type { TortureCase } from './case.ts';
import { deletions } from './deletions.ts';
import { killedPage } from './killed-page.ts';
import { limitedCalls } from './limited-calls.ts';
import { cutLines } from './cut-lines.ts';
import { renewal } from './renewal.ts';
import { stalledWorker } from './stalled-worker.ts';

export const cases: readonly TortureCase[] = [
  killedPage,
  deletions,
  stalledWorker,
  renewal,
  limitedCalls,
  cutLines,
  afterARestart,
];

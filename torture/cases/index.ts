import { afterARestart } from './after-a-restart.ts';
import type { TortureCase } from './case.ts';
import { deletions } from './deletions.ts';
import { killedDelivery } from './killed-delivery.ts';
import { killedEvent } from './killed-event.ts';
import { killedLine } from './killed-line.ts';
import { killedPage } from './killed-page.ts';
import { killedReread } from './killed-reread.ts';
import { killedWrite } from './killed-write.ts';
import { limitedCalls } from './limited-calls.ts';
import { cutLines } from './cut-lines.ts';
import { killedRenewal } from './killed-renewal.ts';
import { renewal } from './renewal.ts';
import { renewalsTogether } from './renewals-together.ts';
import { sharedBudget } from './shared-budget.ts';
import { lostAnswer } from './lost-answer.ts';
import { partialBatch } from './partial-batch.ts';
import { switchedOff } from './switched-off.ts';
import { approved } from './approved.ts';
import { undone } from './undone.ts';
import { busyWorkers } from './busy-workers.ts';
import { goneSince } from './gone-since.ts';
import { killedJob } from './killed-job.ts';
import { nobodyWorks } from './nobody-works.ts';
import { sameKey } from './same-key.ts';
import { splitAmounts } from './split-amounts.ts';
import { stalledWrite } from './stalled-write.ts';
import { stalledWorker } from './stalled-worker.ts';

export const cases: readonly TortureCase[] = [
  killedPage,
  killedReread,
  deletions,
  stalledWorker,
  renewal,
  renewalsTogether,
  killedRenewal,
  killedDelivery,
  killedEvent,
  killedLine,
  killedWrite,
  sharedBudget,
  limitedCalls,
  cutLines,
  afterARestart,
  stalledWrite,
  lostAnswer,
  partialBatch,
  switchedOff,
  approved,
  undone,
  busyWorkers,
  sameKey,
  nobodyWorks,
  splitAmounts,
  goneSince,
  killedJob,
];

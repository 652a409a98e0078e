import { accessLimits } from './limits/access.ts';
import { alertLimits } from './limits/alerts.ts';
import { approvalLimits } from './limits/approvals.ts';
import { auditLimits } from './limits/audit.ts';
import { budgetLimits } from './limits/budget.ts';
import { callingLimits } from './limits/calling.ts';
import { connectingLimits } from './limits/connecting.ts';
import { consoleLimits } from './limits/console.ts';
import { doorsLimits } from './limits/doors.ts';
import { erasureLimits } from './limits/erasure.ts';
import { eventsInLimits } from './limits/events-in.ts';
import { eventsOutLimits } from './limits/events-out.ts';
import { identityLimits } from './limits/identity.ts';
import { lensLimits } from './limits/lens.ts';
import { planningLimits } from './limits/planning.ts';
import { readingLimits } from './limits/reading.ts';
import { sendingLimits } from './limits/sending.ts';
import { storeLimits } from './limits/store.ts';
import { syncingLimits } from './limits/syncing.ts';
import { writingLimits } from './limits/writing.ts';

/** Every bound in the system, by name, unit last. A limit that is not here does not exist. */
export const limits = {
  ...readingLimits,
  ...callingLimits,
  ...lensLimits,
  ...storeLimits,
  ...syncingLimits,
  ...connectingLimits,
  ...doorsLimits,
  ...identityLimits,
  ...consoleLimits,
  ...budgetLimits,
  ...eventsOutLimits,
  ...eventsInLimits,
  ...alertLimits,
  ...approvalLimits,
  ...auditLimits,
  ...accessLimits,
  ...writingLimits,
  ...sendingLimits,
  ...planningLimits,
  ...erasureLimits,
} as const;

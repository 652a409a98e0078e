import { accessLimits } from './limits/access.ts';
import { alertLimits } from './limits/alerts.ts';
import { budgetLimits } from './limits/budget.ts';
import { callingLimits } from './limits/calling.ts';
import { connectingLimits } from './limits/connecting.ts';
import { doorsLimits } from './limits/doors.ts';
import { eventsInLimits } from './limits/events-in.ts';
import { eventsOutLimits } from './limits/events-out.ts';
import { identityLimits } from './limits/identity.ts';
import { lensLimits } from './limits/lens.ts';
import { readingLimits } from './limits/reading.ts';
import { storeLimits } from './limits/store.ts';
import { syncingLimits } from './limits/syncing.ts';

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
  ...budgetLimits,
  ...eventsOutLimits,
  ...eventsInLimits,
  ...alertLimits,
  ...accessLimits,
} as const;

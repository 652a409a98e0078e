import { accessErrors } from './access.ts';
import { alertErrors } from './alerts.ts';
import { approvalErrors } from './approvals.ts';
import { connectionErrors } from './connection.ts';
import { doorErrors } from './doors.ts';
import { erasureErrors } from './erasure.ts';
import { identityErrors } from './identity.ts';
import { kernelErrors } from './kernel.ts';
import { lensErrors } from './lens.ts';
import { manifestErrors } from './manifest.ts';
import { planningErrors } from './planning.ts';
import { queryErrors } from './query.ts';
import type { ErrorSpec } from './spec.ts';
import { storeErrors } from './store.ts';
import { subscriptionErrors } from './subscriptions.ts';
import { switchErrors } from './switches.ts';
import { webhookErrors } from './webhooks.ts';
import { writeErrors } from './writes.ts';

const families = {
  ...kernelErrors,
  ...doorErrors,
  ...identityErrors,
  ...manifestErrors,
  ...storeErrors,
  ...connectionErrors,
  ...lensErrors,
  ...accessErrors,
  ...queryErrors,
  ...planningErrors,
  ...subscriptionErrors,
  ...webhookErrors,
  ...writeErrors,
  ...alertErrors,
  ...approvalErrors,
  ...switchErrors,
  ...erasureErrors,
};

export type ErrorCode = keyof typeof families;
export const errorTable: Readonly<Record<ErrorCode, ErrorSpec>> = families;

import type { ApprovalSettings } from '../../approvals/index.ts';
import type { Revisions } from '../project/revisions.ts';

const NOBODY: ApprovalSettings = { tell: [], people: new Map() };

/** Whom to tell, and how people are called, as the project in force says. */
export const approvalSettings =
  (revisions: Pick<Revisions, 'current'>): (() => Promise<ApprovalSettings>) =>
  async () =>
    (await revisions.current())?.manifest.policies.approvals ?? NOBODY;

import type { AskRest } from './ask-rest.ts';

/** What waits for somebody, as `GET /v1/approvals` lists it. */
export interface Waiting {
  readonly id: number;
  readonly kind: 'approval' | 'review';
  readonly state: string;
  readonly plan: string;
  /** Null: any approver. */
  readonly asked_of: readonly string[] | null;
  readonly asked_at: string;
  readonly due_at: string;
}

/** A human who decides, with a key of their own. */
export interface Approver {
  readonly name: string;
  /** What waits about a plan. */
  waiting(plan: string): Promise<readonly Waiting[]>;
  /** Says yes to exactly what is shown to them; or why that is not theirs, as the code of the refusal. */
  approve(approval: number): Promise<string>;
}

export function approverOf(name: string, tenant: string, ask: AskRest): Approver {
  return {
    name,
    waiting: async (plan) => {
      const path = `/v1/approvals?tenant=${tenant}&plan=${plan}`;
      return (await ask<{ approvals: Waiting[] }>('GET', path)).approvals;
    },
    approve: async (approval) => {
      const path = `/v1/approvals/${String(approval)}`;
      const { seen } = await ask<{ seen: string }>('GET', `${path}?tenant=${tenant}`);
      try {
        const { state } = await ask<{ state: string }>('POST', `${path}/decision`, {
          tenant,
          verdict: 'approve',
          seen,
        });
        return state;
      } catch (error) {
        if (error instanceof Error && typeof error.cause === 'string') return error.cause;
        throw error;
      }
    },
  };
}

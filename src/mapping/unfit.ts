import type { CatalogueDiagnostic } from './catalogue.ts';

/** Why a mapping cannot work in one org. */
export type PlanMistake = Pick<CatalogueDiagnostic, 'code' | 'message' | 'suggestions'>;

export interface Unfit {
  readonly kind: 'unfit';
  readonly mistake: PlanMistake;
}

export const mismatch = (message: string): Unfit => ({
  kind: 'unfit',
  mistake: { code: 'type_mismatch', message, suggestions: [] },
});

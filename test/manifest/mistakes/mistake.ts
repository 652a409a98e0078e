import type { ProblemCode } from '../../../src/manifest/index.ts';

/**
 * One mistake each: in `file`, `find` becomes `wrong`, where « stands before
 * the place that the problem must name. The mark is taken out before loading,
 * so that line and column are found here without any parser. Without a mark
 * nothing is left of what should be there, and the file's start is named.
 */
export interface Mistake {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly wrong: string;
  /** What has to change elsewhere so that this is the only mistake. */
  readonly also?: { readonly [file: string]: readonly (readonly [string, string])[] };
  readonly code: ProblemCode;
  readonly path: string;
  readonly says: RegExp;
  /** All of them; none where it is left out. */
  readonly suggestions?: readonly string[];
}

export const project = 'gantry.yaml';
export const account = 'models/account.yaml';
export const deal = 'models/deal.yaml';
export const crm = 'integrations/crm.yaml';
export const rules = 'policies/rules.yaml';
export const acme = 'tenants/acme.yaml';

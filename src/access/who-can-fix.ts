import type { UnknownReason } from './rights.ts';

/** Who can change that rights are not known. */
export const whoCanFix: Readonly<Record<UnknownReason, 'operator' | 'end_user' | 'nobody' | 'product_team'>> = {
  not_linked: 'operator',
  sign_in_needed: 'end_user',
  inactive: 'end_user',
  not_read_yet: 'nobody',
  too_old: 'operator',
  refused: 'end_user',
  not_told: 'product_team',
};

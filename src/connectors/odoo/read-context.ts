/**
 * The context of every reading call. Odoo hides records that people archived
 * (`active` is false) unless it is told not to; archived is not deleted.
 */
export const readContext = { active_test: false } as const;

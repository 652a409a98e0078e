import { GROUPS } from '../schema/model.ts';

export interface GroupRow {
  /** External id, by which code and fields name a group. */
  readonly xmlId: string;
  readonly name: string;
  /** Groups that its members get along with it. */
  readonly implies: readonly string[];
}

/** The groups that modules bring, in the order of their ids. */
export const GROUP_ROWS: readonly GroupRow[] = [
  { xmlId: GROUPS.user, name: 'Internal User', implies: [] },
  { xmlId: GROUPS.portal, name: 'Portal', implies: [] },
  { xmlId: GROUPS.system, name: 'Administration / Settings', implies: [GROUPS.user] },
  { xmlId: GROUPS.salesman, name: 'Sales / User: Own Documents Only', implies: [GROUPS.user] },
  { xmlId: GROUPS.salesManager, name: 'Sales / Administrator', implies: [GROUPS.allLeads] },
  { xmlId: GROUPS.accounting, name: 'Invoicing / Billing', implies: [GROUPS.user] },
  { xmlId: GROUPS.allLeads, name: 'Sales / User: All Documents', implies: [GROUPS.salesman] },
];

export function groupId(xmlId: string): number {
  return GROUP_ROWS.findIndex((row) => row.xmlId === xmlId) + 1;
}

/** How rights name a group: by its external id, or by its number where somebody made it in the settings. */
export function groupKey(id: number): string {
  return GROUP_ROWS[id - 1]?.xmlId ?? `res.groups,${String(id)}`;
}

/** Groups with all that they imply, directly or not. */
export function withImplied(ids: readonly number[], impliedBy: (id: number) => readonly number[]): readonly number[] {
  const found = new Set<number>();
  const add = (id: number): void => {
    if (found.has(id)) return;
    found.add(id);
    impliedBy(id).forEach(add);
  };
  ids.forEach(add);
  return [...found];
}

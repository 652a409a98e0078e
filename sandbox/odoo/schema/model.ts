import type { Segment } from '../rows/segment.ts';
import type { FieldDef } from './field.ts';

export const OPERATIONS = ['read', 'write', 'create', 'unlink'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** A domain as programs send it: leaves of three and the operators `&`, `|`, `!` before their operands. */
export type Domain = readonly unknown[];

/** A record rule as a module brings it; what is in force stands in `ir.rule`. */
export interface RuleDef {
  readonly name: string;
  /** Python, as `domain_force` has it. */
  readonly domain: string;
  /** Absent: for everybody, and all of these must hold. Of rules for groups one is enough. */
  readonly groups?: readonly string[];
  /** Default true. */
  readonly active?: boolean;
}

export interface ModelDef {
  /** `res.partner` */
  readonly model: string;
  /** What people call it, `Contact`. */
  readonly name: string;
  /** `base` models come with modules, `manual` ones were made in Studio. */
  readonly state: 'base' | 'manual';
  /** `abstract` has no table; `transient` forgets its records; `view` is a query that looks like a table. */
  readonly kind: 'table' | 'transient' | 'abstract' | 'view';
  readonly module: string;
  readonly order: string;
  /** The field that names a record; null where there is none. */
  readonly recName: string | null;
  readonly fields: readonly FieldDef[];
  /** Groups that may do it from the start; somebody without any of them gets an AccessError. */
  readonly access: Readonly<Record<Operation, readonly string[]>>;
  /** Record rules from the start. */
  readonly rules?: readonly RuleDef[];
  readonly segments: readonly Segment[];
}

export const GROUPS = {
  user: 'base.group_user',
  portal: 'base.group_portal',
  system: 'base.group_system',
  salesman: 'sales_team.group_sale_salesman',
  allLeads: 'sales_team.group_sale_salesman_all_leads',
  salesManager: 'sales_team.group_sale_manager',
  accounting: 'account.group_account_invoice',
} as const;

const everybody = [GROUPS.user, GROUPS.portal];

/** Rights that most models share. */
export const ACCESS = {
  /** Internal users work with it, portal users read what rules leave them. */
  contacts: { read: everybody, write: [GROUPS.user], create: [GROUPS.user], unlink: [GROUPS.user] },
  lookup: { read: everybody, write: [GROUPS.system], create: [GROUPS.system], unlink: [GROUPS.system] },
  internal: { read: [GROUPS.user], write: [GROUPS.user], create: [GROUPS.user], unlink: [GROUPS.user] },
  internalLookup: { read: [GROUPS.user], write: [GROUPS.system], create: [GROUPS.system], unlink: [GROUPS.system] },
  sales: {
    read: [GROUPS.salesman],
    write: [GROUPS.salesman],
    create: [GROUPS.salesman],
    unlink: [GROUPS.salesManager],
  },
  accounting: {
    read: [GROUPS.accounting],
    write: [GROUPS.accounting],
    create: [GROUPS.accounting],
    unlink: [GROUPS.accounting],
  },
  system: { read: [GROUPS.system], write: [GROUPS.system], create: [GROUPS.system], unlink: [GROUPS.system] },
  nobody: { read: [], write: [], create: [], unlink: [] },
} as const;

type Defaults = 'state' | 'kind' | 'order' | 'recName' | 'segments' | 'access' | 'module';

export function model(def: Omit<ModelDef, Defaults> & Partial<Pick<ModelDef, Defaults>>): ModelDef {
  return {
    state: 'base',
    kind: 'table',
    order: 'id',
    recName: def.fields.some((field) => field.name === 'name') ? 'name' : null,
    segments: [],
    access: ACCESS.internal,
    module: 'base',
    ...def,
  };
}

import { createHash } from 'node:crypto';
import {
  createDeliveries,
  createWriteFailures,
  randomToken,
  type Deliveries,
  type ResolvedOptions,
  type SandboxClock,
  type WriteFailures,
} from '../kit/index.ts';
import { createWorld, type World } from '../world/index.ts';
import { dealsOf } from './content/deals.ts';
import { interactionModels } from './content/interactions.ts';
import { leadModels } from './content/leads.ts';
import { partnerModels } from './content/partner-models.ts';
import { peopleModels } from './content/people.ts';
import { placeModels } from './content/places.ts';
import { rightsModels } from './content/rights.ts';
import { renewalModel } from './content/renewals.ts';
import { saleModels } from './content/sales.ts';
import { technicalModels } from './content/technical.ts';
import { createTransactions, type Transactions } from './orm/transaction.ts';
import { createTable, type Table } from './rows/table.ts';
import { createRegistry, type Registry } from './schema/registry.ts';
import { createLogins, type Login } from './security/logins.ts';
import { createRights, type Rights } from './security/rights.ts';
import type { OdooVersion } from './version.ts';

/** One database of one Odoo server: its models, its records and its people. */
export interface Org {
  readonly version: OdooVersion;
  /** Name of the only database, that of the company. */
  readonly database: string;
  readonly world: World;
  readonly clock: SandboxClock;
  readonly registry: Registry;
  readonly keys: ApiKeys;
  readonly rights: Rights;
  readonly deliveries: Deliveries;
  readonly failures: WriteFailures;
  readonly transactions: Transactions;
  /** How much later than its webhooks a change is seen by others, before release 18; 0: at once. */
  commitMs: number;
  logins(): readonly Login[];
  /** Gives a user a password and an API key. */
  enrol(uid: number): void;
  table(model: string): Table;
  /** Time of a transaction in microseconds; no two are equal. */
  nowUs(): number;
}

export interface ApiKeys {
  of(uid: number): string;
  /** The uid behind a key, or null. */
  check(key: string): number | null;
  /** Ends a user's key and makes another; counts the keys that ended. */
  renew(uid?: number): number;
  enrol(uid: number): void;
}

export function createOrg(options: ResolvedOptions, version: OdooVersion, clock: SandboxClock): Org {
  const world = createWorld(options);
  const bornMs = world.user(0).createdAt.getTime();
  const registry = createRegistry(version);
  const deals = dealsOf(world);
  for (const def of [
    ...placeModels(bornMs),
    ...peopleModels(world),
    ...partnerModels(world),
    ...leadModels(world, deals),
    ...saleModels(world, deals),
    ...interactionModels(world),
    renewalModel(world, deals),
    ...technicalModels(registry, bornMs),
  ])
    registry.add(def);
  for (const def of rightsModels(registry, bornMs)) registry.add(def);
  if (options.company === 'acme') addKeyFields(registry);

  const tables = new Map<string, Table>();
  let lastUs = 0;
  const keys = createKeys();
  const transactions = createTransactions();
  const org: Org = {
    version,
    database: world.company.id,
    world,
    clock,
    registry,
    keys,
    get rights() {
      return rights;
    },
    deliveries: createDeliveries(),
    failures: createWriteFailures(),
    transactions,
    commitMs: 0,
    logins: () => logins.all(),
    enrol: (uid) => {
      logins.enrol(uid);
      keys.enrol(uid);
    },
    table: (model) => {
      const known = tables.get(model);
      if (known !== undefined) return known;
      const def = registry.get(model);
      if (def === undefined) throw new Error(`no model ${model}`);
      const fresh = createTable(def.segments, transactions.undoing);
      tables.set(model, fresh);
      return fresh;
    },
    nowUs: () => {
      // The clock knows milliseconds; the database's transactions begin some microseconds apart.
      lastUs = Math.max(lastUs + 1, clock.now().getTime() * 1000);
      return lastUs;
    },
  };
  const rights = createRights(org);
  const logins = createLogins(org);
  for (const { uid } of logins.all()) keys.enrol(uid);
  return org;
}

/** Where somebody prepared the database for programs that look for what they made; other databases have no such field. */
function addKeyFields(registry: Registry): void {
  for (const model of ['res.partner', 'crm.lead', 'sale.order', 'calendar.event', 'x_renewal'])
    registry.putField(model, { name: 'x_gantry_key', type: 'char', string: 'Gantry key', manual: true });
}

/** Keys are 160 bits in hexadecimal, as `res.users.apikeys` makes them, and never derived from the seed. */
function createKeys(): ApiKeys {
  const fresh = (): string => createHash('sha1').update(randomToken()).digest('hex');
  const keys = new Map<number, string>();
  return {
    of: (uid) => keys.get(uid) ?? '',
    check: (key) => [...keys].find(([, known]) => known === key)?.[0] ?? null,
    renew: (uid) => {
      const ended = [...keys.keys()].filter((known) => uid === undefined || known === uid);
      for (const each of ended) keys.set(each, fresh());
      return ended.length;
    },
    enrol: (uid) => {
      keys.set(uid, fresh());
    },
  };
}

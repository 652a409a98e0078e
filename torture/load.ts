import { setTimeout as sleep } from 'node:timers/promises';
import { canaryOf } from './checker/facts.ts';
import { pick } from './proxy/random.ts';
import type { Stage } from './stage/open-stage.ts';
import type { System } from './stage/systems.ts';

/** What people do in the customers' systems meanwhile; every text they write begins with the tenant's canary. */
export interface Load {
  /** One change in each system. */
  change(): Promise<void>;
  /** Deletes a record of each system that tells of deletions by its feed. */
  remove(): Promise<void>;
  /** Changes all the time, until the promise that is returned by the returned function. */
  keepChanging(everyMs: number): () => Promise<void>;
}

interface Made {
  readonly object: string;
  readonly id: string;
}

const CREATED = {
  salesforce: (text: string) => ({ object: 'Contact', fields: { LastName: text } }),
  zendesk: (text: string) => ({ object: 'tickets', fields: { subject: text } }),
  odoo: (text: string) => ({ object: 'res.partner', fields: { name: text } }),
  google_calendar: (text: string) => ({ object: 'events', fields: { summary: text } }),
} as const;

const CHANGED = {
  salesforce: (text: string) => ({ LastName: text }),
  zendesk: (text: string) => ({ subject: text }),
  odoo: (text: string) => ({ name: text }),
  google_calendar: (text: string) => ({ summary: text }),
} as const;

export function createLoad(stage: Stage, random: () => number): Load {
  const made = new Map<System, Made[]>();
  let count = 0;
  const textFor = (system: System): string => `${canaryOf(system.tenant)}${String((count += 1))}`;
  const create = async (system: System): Promise<void> => {
    const { object, fields } = CREATED[system.provider](textFor(system));
    const { id } = await system.sandbox.mutate({ op: 'create', object, fields });
    made.set(system, [...(made.get(system) ?? []), { object, id }]);
  };
  const change = async (): Promise<void> => {
    for (const system of stage.systems) {
      const own = made.get(system) ?? [];
      if (own.length < 3 || random() < 0.4) await create(system);
      else {
        const { object, id } = pick(random, own);
        await system.sandbox.mutate({ op: 'update', object, id, fields: CHANGED[system.provider](textFor(system)) });
        if (system.provider === 'odoo') await stage.hooks.tell({ object, id });
      }
    }
  };
  const remove = async (): Promise<void> => {
    for (const system of stage.systems) {
      // Odoo's deletions show in a list of all ids only, which is compared once a day.
      if (system.provider === 'odoo') continue;
      const own = made.get(system) ?? [];
      if (own.length === 0) await create(system);
      const [first, ...rest] = made.get(system) ?? [];
      if (first === undefined) continue;
      await system.sandbox.mutate({ op: 'delete', ...first });
      made.set(system, rest);
    }
  };
  return {
    change,
    remove,
    keepChanging: (everyMs) => {
      let on = true;
      const loop = async (): Promise<void> => {
        while (on) {
          await change();
          if (random() < 0.2) await remove();
          await sleep(everyMs);
        }
      };
      const looping = loop();
      return async () => {
        on = false;
        await looping;
      };
    },
  };
}

/**
 * Everything is due now, and leases of whoever died are over: what would come by
 * itself a little later. Times that a provider set are left alone. So are rows
 * that somebody is just writing: a process that stands still may hold them for a
 * minute.
 */
export async function passTime(stage: Stage, options: { readonly leases?: boolean } = {}): Promise<void> {
  const waits = options.leases === true ? ['due_at', 'retry_at', 'lease_until'] : ['due_at', 'retry_at'];
  const statements = (await timesOf(stage))
    .filter(({ column }) => waits.includes(column))
    .map(
      ({ name, column }) =>
        `update ${name} set ${column} = now()
         where ctid in (select ctid from ${name} where ${column} > now() for update skip locked)`,
    );
  await stage.sql(statements.join(';\n'));
}

interface Time {
  readonly name: string;
  readonly column: string;
}

const known = new WeakMap<Stage, readonly Time[]>();

async function timesOf(stage: Stage): Promise<readonly Time[]> {
  const times =
    known.get(stage) ??
    (await stage.sql<{ name: string; column: string }>(
      `select quote_ident(table_name) as name, column_name as column from information_schema.columns
       where table_schema = current_schema() and column_name in ('due_at', 'retry_at', 'lease_until')
         and data_type = 'timestamp with time zone'
       order by table_name, column_name`,
    ));
  known.set(stage, times);
  return times;
}

/**
 * Sendings of which nobody knows what became are asked for now: whatever was on
 * its way has arrived after a few seconds here. What reading does not tell in
 * twice, it never will: the time for it is over.
 */
export async function passUnknown(stage: Stage): Promise<void> {
  await stage.sql(
    `update write_sending set settle_at = now(), began_at = began_at - case when asked < 2 then interval '0' else interval '5 hours' end
     where ctid in (
       select ctid from write_sending
       where ended_at is null and settle_at > now() and began_at < now() - interval '5 seconds' for update skip locked)`,
  );
}

/** Zendesk shows a change in its feed a minute later: its clock is put on. */
export async function passFeedDelay(stage: Stage): Promise<void> {
  for (const { provider, sandbox } of stage.systems) {
    if (provider === 'zendesk') await sandbox.control('POST', 'clock', { advanceMs: 70_000 });
  }
}

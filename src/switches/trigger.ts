import type { JsonObject } from '../kernel/index.ts';
import type { SwitchLimit, SwitchTrigger } from '../manifest/index.ts';
import type { Figures } from './counted.ts';
import type { SwitchScope } from './types.ts';

/** What happened, as far as triggers count it. */
export type Watched =
  /** Of one agent: `records` by connection, `amount` of all together (null: nobody can tell). */
  | {
      readonly kind: 'accepted';
      readonly agent: string;
      readonly records: ReadonlyMap<string, number>;
      readonly amount: number | null;
    }
  | { readonly kind: 'ended'; readonly connection: string; readonly writes: readonly EndedWrite[] };

export interface EndedWrite {
  readonly agent: string;
  readonly failed: boolean;
}

/** Pure: what a trigger counts of it, by what the switch would be about; empty: the tenant. */
export function countsOf(trigger: SwitchTrigger, watched: Watched): ReadonlyMap<string, Figures> {
  const isOfEnds = trigger.limit.kind === 'failed';
  if (isOfEnds !== (watched.kind === 'ended')) return new Map();
  return watched.kind === 'ended' ? endedOf(trigger, watched) : acceptedOf(trigger, watched);
}

type Of<Kind extends Watched['kind']> = Extract<Watched, { readonly kind: Kind }>;

function endedOf({ per }: SwitchTrigger, { connection, writes }: Of<'ended'>): Map<string, Figures> {
  const counts = new Map<string, Figures>();
  for (const { agent, failed } of writes) {
    const subject = per === 'agent' ? agent : per === 'connection' ? connection : '';
    const before = counts.get(subject) ?? { ...nothing };
    counts.set(subject, { ...before, ended: before.ended + 1, failed: before.failed + (failed ? 1 : 0) });
  }
  return counts;
}

/** What a plan is worth counts whole for each connection that it writes to: nobody splits it. */
function acceptedOf({ per }: SwitchTrigger, { agent, records, amount }: Of<'accepted'>): Map<string, Figures> {
  const worth = Math.abs(amount ?? 0);
  if (per === 'connection') {
    return new Map(
      [...records].map(([connection, count]) => [connection, { ...nothing, records: count, amount: worth }]),
    );
  }
  const all = [...records.values()].reduce((sum, count) => sum + count, 0);
  return new Map([[per === 'agent' ? agent : '', { ...nothing, records: all, amount: worth }]]);
}

const nothing: Figures = { ended: 0, failed: 0, records: 0, amount: 0 };

/** Pure. */
export function isOver(limit: SwitchLimit, { ended, failed, records, amount }: Figures): boolean {
  switch (limit.kind) {
    case 'failed':
      return ended >= limit.least && failed > ended * limit.share;
    case 'records':
      return records > limit.most;
    case 'amount':
      return amount > limit.most;
  }
}

/** What it stops: what it counted, and nothing beside it. */
export function scopeOf({ per }: SwitchTrigger, subject: string): SwitchScope {
  switch (per) {
    case 'tenant':
      return { kind: 'tenant' };
    case 'agent':
      return { kind: 'agent', agent: subject };
    case 'connection':
      return { kind: 'connection', connection: subject };
  }
}

/** For people: what was counted, and what the project allows. */
export function reasonOf({ name, per, withinMs, limit }: SwitchTrigger, subject: string, figures: Figures): string {
  const whose = per === 'tenant' ? 'of the tenant' : per === 'agent' ? `of agent ${subject}` : `to ${subject}`;
  const within = `within ${spanText(withinMs)}`;
  switch (limit.kind) {
    case 'failed': {
      const most = `${String(Math.round(limit.share * 1_000) / 10)} %`;
      return `${name}: ${String(figures.failed)} of ${String(figures.ended)} writes ${whose} failed ${within}, which is more than ${most}.`;
    }
    case 'records':
      return `${name}: writes ${whose} to ${String(figures.records)} records were accepted ${within}, and ${String(limit.most)} may be.`;
    case 'amount':
      return `${name}: writes ${whose} worth ${money(figures.amount)} were accepted ${within}, and ${money(limit.most)} may be.`;
  }
}

/** For the audit and the list: the same as numbers. */
export function figuresJson({ per, withinMs, limit }: SwitchTrigger, figures: Figures): JsonObject {
  const { ended, failed, records, amount } = figures;
  const told = { per, within_s: withinMs / 1_000 };
  switch (limit.kind) {
    case 'failed':
      return { ...told, ended, failed, most_share: limit.share, of_at_least: limit.least };
    case 'records':
      return { ...told, records, most: limit.most };
    case 'amount':
      return { ...told, amount, most: limit.most };
  }
}

const money = (amount: number): string => String(Math.round(amount * 100) / 100);

function spanText(ms: number): string {
  const [unitMs, unit] = ms % DAY === 0 ? [DAY, 'd'] : ms % HOUR === 0 ? [HOUR, 'h'] : [MINUTE, 'min'];
  return `${String(ms / unitMs)} ${unit}`;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

import { ControlError, type Mutation } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { changeEvent, EMPTY_ID, type Change, type ChangeType } from './change-event.ts';
import { eventNameOf, eventSchema } from './event-schema.ts';
import { createReplayLog, type ReplayLog } from './replay-log.ts';

/** The org's change events: made of what happens to its records, kept for three days. */
export interface EventBus {
  readonly log: ReplayLog;
  /** Told after a mutation has taken effect. */
  noted(mutation: Mutation, id: string, userId?: string): void;
  publish(change: Pick<Change, 'object' | 'changeType' | 'ids'>): void;
  /** From now on changes are gathered, as those of one transaction. */
  hold(): void;
  /** Publishes what was gathered; equal changes that follow each other become one event. Returns how many events. */
  release(): number;
  /** Objects whose changes are captured; null: all that can be. */
  select(objects: readonly string[] | null): void;
  /** What a topic carries; null: there is no such topic. */
  topic(name: string): Topic | null;
  schemaJson(id: string): string | null;
  onEvent(listener: () => void): void;
}

export interface Topic {
  /** Null where several schemas travel. */
  readonly schemaId: string | null;
  /** The object whose changes it carries; null: all that are captured. */
  readonly entity: string | null;
  matches(entity: string): boolean;
}

const TYPES: Readonly<Record<Mutation['op'], ChangeType>> = {
  create: 'CREATE',
  update: 'UPDATE',
  delete: 'DELETE',
  undelete: 'UNDELETE',
};

export function createEventBus(org: Org): EventBus {
  const log = createReplayLog(org.clock);
  const schemas = new Map<string, string>();
  const listeners = new Set<() => void>();
  let held: Change[] | null = null;
  let selected: ReadonlySet<string> | null = null;
  let transaction = 0;

  const captured = (): readonly string[] =>
    org.schema
      .objects()
      .filter((object) => object.writable && object.queryable && (selected === null || selected.has(object.name)))
      .map(({ name }) => name);
  const write = (change: Change): void => {
    const { logged, schema } = changeEvent(org, change);
    schemas.set(schema.id, schema.json);
    log.append(logged);
  };
  const add = (
    change: Pick<Change, 'object' | 'changeType' | 'ids' | 'changed'>,
    userId = org.users[0]?.id ?? '',
  ): void => {
    if (!captured().includes(change.object)) return;
    if (held === null) transaction += 1;
    const sequence = held === null ? 1 : held.length + 1;
    const whole = { ...change, transaction, sequence, atMs: org.clock.now().getTime(), userId };
    if (held !== null) {
      held.push(whole);
      return;
    }
    write(whole);
    for (const listener of listeners) listener();
  };

  return {
    log,
    noted: (mutation, id, userId) => {
      const object = org.schema.object(mutation.object)?.name ?? mutation.object;
      const set = Object.keys(mutation.fields ?? {}).map((name) => org.schema.field(object, name)?.name ?? name);
      const changed = mutation.op === 'update' ? set : [];
      add({ object, changeType: TYPES[mutation.op], ids: [id], changed }, userId);
    },
    publish: (change) => {
      if (org.schema.object(change.object) === undefined) throw new ControlError(`no object ${change.object}`);
      add({ ...change, ids: change.changeType === 'GAP_OVERFLOW' ? [EMPTY_ID] : change.ids, changed: [] });
    },
    hold: () => {
      transaction += 1;
      held ??= [];
    },
    release: () => {
      const events = merged(held ?? []);
      held = null;
      for (const event of events) write(event);
      for (const listener of listeners) listener();
      return events.length;
    },
    select: (objects) => {
      selected = objects === null ? null : new Set(objects);
    },
    topic: (name) => {
      if (name === '/data/ChangeEvents') return { schemaId: null, entity: null, matches: () => true };
      const object = captured().find((one) => `/data/${eventNameOf(one)}` === name);
      const def = object === undefined ? undefined : org.schema.object(object);
      if (def === undefined) return null;
      const schema = eventSchema(def);
      schemas.set(schema.id, schema.json);
      return { schemaId: schema.id, entity: def.name, matches: (entity) => entity === def.name };
    },
    schemaJson: (id) => schemas.get(id) ?? null,
    onEvent: (listener) => {
      listeners.add(listener);
    },
  };
}

/** Developer guide, "Merged Change Events": the same change of the same object, one after the other. */
function merged(changes: readonly Change[]): readonly Change[] {
  const events: Change[] = [];
  for (const change of changes) {
    const last = events.at(-1);
    const isEqual =
      last !== undefined &&
      last.object === change.object &&
      last.changeType === change.changeType &&
      (change.changeType === 'DELETE' || change.changeType === 'UNDELETE');
    if (isEqual) events.splice(-1, 1, { ...last, ids: [...last.ids, ...change.ids] });
    else events.push(change);
  }
  return events;
}

import type { CalendarEvent } from '../event.ts';
import { instanceId } from '../ids.ts';
import { instanceOf, momentMs, occurrences, parseRule, type Rule } from '../recurrence.ts';

/** What lists sort and filter by; the whole event is made when its page is sent. */
export interface Light {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly updatedMs: number;
  readonly cancelled: boolean;
  /** Id of the series that this is an instance or exception of. */
  readonly master: string | null;
  /** Set for masters of series. */
  readonly rule: Rule | null;
  read(): CalendarEvent;
}

export function lightOf(event: CalendarEvent, read: () => CalendarEvent): Light {
  return {
    id: event.id,
    startMs: momentMs(event.start),
    endMs: momentMs(event.end),
    updatedMs: event.updatedMs,
    cancelled: event.status === 'cancelled',
    master: event.recurring?.master ?? null,
    rule: event.recurrence === null ? null : parseRule(event.recurrence),
    read,
  };
}

export function byId(a: Light, b: Light): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The instances of a series, without those that are records of their own. */
export function instancesOf(master: Light, exceptions: ReadonlySet<string>, nowMs: number): readonly Light[] {
  if (master.rule === null) return [];
  const event = master.read();
  const lengthMs = master.endMs - master.startMs;
  return occurrences(event.start, master.rule, nowMs).flatMap((start): readonly Light[] => {
    const startMs = momentMs(start);
    const id = instanceId(master.id, { kind: start.kind, ms: startMs });
    if (exceptions.has(id)) return [];
    return [
      {
        ...master,
        id,
        startMs,
        endMs: startMs + lengthMs,
        master: master.id,
        rule: null,
        read: () => instanceOf(event, start),
      },
    ];
  });
}

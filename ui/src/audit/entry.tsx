import type { ReactNode } from 'react';
import type { AuditEntry, Me } from '../api/types.ts';
import { ChangeTable, valueText, type ShownField } from '../parts/change-table.tsx';
import { may } from '../pure/may.ts';
import { hashOf } from '../pure/route.ts';
import { clockText } from '../pure/time.ts';
import { UndoButton } from '../plans/undo-button.tsx';

/** One thing that happened: a sentence, and what lies behind it. */
export function Entry({
  me,
  tenant,
  entry,
}: {
  readonly me: Me;
  readonly tenant: string;
  readonly entry: AuditEntry;
}): ReactNode {
  const { at, sentence, kind, actor, subject, detail } = entry;
  const fields = changesIn(detail);
  const ask = (asked: string): string => hashOf({ screen: 'audit', tenant, asked });
  return (
    <details className={`entry ${kind}`}>
      <summary>
        <time dateTime={at}>{clockText(new Date(at))}</time> <span>{sentence}</span>
      </summary>
      <div className="behind">
        {fields.length === 0 ? null : (
          <ChangeTable what={subject?.label ?? subject?.record ?? 'The record'} fields={fields} />
        )}
        <p className="buttons">
          {subject?.record === undefined ? null : <a href={ask(`"${subject.record}"`)}>All about this record</a>}
          {actor?.agent === undefined ? null : <a href={ask(`by ${actor.agent}`)}>All by {actor.agent}</a>}
          {typeof actor?.principal === 'string' ? (
            <a href={ask(`for ${actor.principal}`)}>All for {actor.principal}</a>
          ) : null}
          {subject?.plan === undefined ? null : (
            <a href={hashOf({ screen: 'plan', tenant, plan: subject.plan })}>The plan</a>
          )}
          {may(me.role, 'undo') && isWritten(entry) && subject?.plan !== undefined ? (
            <UndoButton tenant={tenant} plan={subject.plan} />
          ) : null}
        </p>
        <details>
          <summary>As it is kept (entry {entry.seq})</summary>
          <pre>{JSON.stringify(entry, null, 2)}</pre>
        </details>
      </div>
    </details>
  );
}

/** Whether something was written that can be asked to be taken back. */
function isWritten({ kind, detail }: AuditEntry): boolean {
  if (kind !== 'write_ended' && kind !== 'write_settled') return false;
  if (detail?.['said'] === 'applied') return true;
  const outcome = detail?.['outcome'];
  return typeof outcome === 'object' && outcome !== null && 'kind' in outcome && outcome.kind === 'applied';
}

function changesIn(detail: AuditEntry['detail']): ShownField[] {
  const changes = detail?.['changes'];
  if (!Array.isArray(changes)) return [];
  return changes.flatMap((change: unknown): ShownField[] => {
    if (typeof change !== 'object' || change === null) return [];
    const { field, label, before, after, hidden } = change as { readonly [name: string]: unknown };
    const isHidden = hidden === true;
    const shown = (value: unknown): string => (isHidden ? '(not shown)' : valueText(value));
    return [{ field: valueText(label ?? field), before: shown(before), after: shown(after) }];
  });
}

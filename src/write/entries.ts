import { aboutSystems, type AuditActor, type AuditEntry, type AuditKind } from '../audit/index.ts';
import type { JsonObject } from '../kernel/index.ts';
import type { WritePlanRow } from '../store/index.ts';
import { asJson, contentOf } from './plan-row.ts';
import { movedIn } from './plan-systems.ts';
import type { PlannedWrite } from './types.ts';

/** What happened to a plan, for the audit; found by each of the systems that it writes to. */
export function planEntry(
  kind: AuditKind,
  row: Pick<WritePlanRow, 'id' | 'content'>,
  { actor, detail = {} }: { readonly actor: AuditActor; readonly detail?: JsonObject },
): AuditEntry {
  const { title, impact, intent, decision, question, systems = null } = contentOf(row);
  const { reason } = intent;
  const entry: AuditEntry = {
    kind,
    actor,
    subject: { plan: row.id },
    reason: reason ?? null,
    amount: impact.amount,
    detail: { title, records: impact.records, decision: asJson(decision), ...detail },
  };
  const connections = question.parts.map(({ connection }) => connection);
  return aboutSystems(entry, movedIn({ systems, connections }));
}

/** What happened to a write of a plan. An agent's own doing as long as it is carried out as the plan says. */
export function writeEntry(
  kind: AuditKind,
  write: PlannedWrite & { readonly plan: string },
  {
    actor,
    recordId,
    detail,
  }: { readonly actor: AuditActor; readonly recordId: string | null; readonly detail: JsonObject },
): AuditEntry {
  const { plan, item, slug, object, model, label } = write;
  const record = recordId ?? write.recordId;
  return {
    kind,
    actor,
    subject: {
      plan,
      write: `${plan}/${String(item)}`,
      connection: slug,
      object,
      ...(model === null ? {} : { model }),
      ...(record === null ? {} : { record: `${slug}/${object}/${record}` }),
      ...(label === null ? {} : { label }),
    },
    reason: null,
    // Of this record and not of the plan: whoever asks for a record, or a system, over an amount means what moved there.
    amount: write.worth ?? null,
    detail: {
      operation: write.operation,
      ...(write.takesBack === undefined ? {} : { takes_back_step: write.takesBack.step }),
      ...detail,
    },
  };
}

/** The agent whose plan it is. */
export const agentOf = ({ agent, principal }: Pick<WritePlanRow, 'agent' | 'principal'>): AuditActor => ({
  kind: 'agent',
  agent,
  principal,
});

export const gantry: AuditActor = { kind: 'gantry' };

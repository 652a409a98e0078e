import type { MovedBySystem } from '../audit/index.ts';
import { canonicalJson, type JsonObject } from '../kernel/index.ts';
import type { NewWrite, NewWritePlan, WritePlanRow } from '../store/index.ts';
import { isUndoPlan } from './operations-of.ts';
import { movedBySystem } from './plan-systems.ts';
import type { PlannedWrite, WritePlan } from './types.ts';

/** Times of a plan are the database's own. */
export function planRow(plan: WritePlan, times: { readonly now: Date }): NewWritePlan {
  const {
    id,
    agent,
    principal,
    payloadHash,
    policyVersion,
    undoes,
    createdAt,
    expiresAt,
    writes: _,
    ...content
  } = plan;
  const forMs = Math.max(0, expiresAt.getTime() - createdAt.getTime());
  return {
    id,
    agent,
    principal,
    state: 'prepared',
    content: asJson({ ...content, systems: movedBySystem(plan.writes) }),
    payloadHash,
    policyVersion,
    records: plan.writes.length,
    undoes,
    createdAt: times.now,
    expiresAt: new Date(times.now.getTime() + forMs),
  };
}

export const writeRows = (plan: Pick<WritePlan, 'writes'>): NewWrite[] =>
  plan.writes.map((write) => ({
    item: write.item,
    step: write.step,
    connection: write.connection,
    object: write.object,
    operation: write.operation,
    target: targetOf(write),
    recordId: write.recordId,
    content: asJson(write),
  }));

/**
 * What stands for a write's record in the order of writes to one record: its
 * id, the value that finds it, or, of a new one, the write itself. Two that
 * would bring back one record go one after the other.
 */
export function targetOf({
  recordId,
  restores,
  match,
  key,
}: Pick<PlannedWrite, 'recordId' | 'restores' | 'match' | 'key'>): string {
  if (recordId !== null) return recordId;
  if (restores !== undefined) return restores;
  return match === null ? `+${key}` : `?${match.field}=${canonicalJson(match.value)}`;
}

type PlanContent = Omit<
  WritePlan,
  'id' | 'agent' | 'principal' | 'payloadHash' | 'policyVersion' | 'undoes' | 'createdAt' | 'expiresAt' | 'writes'
> & {
  /** What its entries in the audit are about: its writes are not at hand where these are made. Absent: an earlier version kept it. */
  readonly systems?: MovedBySystem;
};

export function planOf(row: WritePlanRow, contents: readonly { readonly content: JsonObject }[]): WritePlan {
  const { systems: _, ...content } = contentOf(row);
  return {
    ...content,
    id: row.id,
    agent: row.agent,
    principal: row.principal,
    writes: contents.map((each) => writeOf(each.content)),
    undoes: row.undoes,
    payloadHash: row.payloadHash,
    policyVersion: row.policyVersion,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
  };
}

/** As it was kept: whoever reads it wrote it. */
export const contentOf = ({ content }: Pick<WritePlanRow, 'content'>): PlanContent => content as unknown as PlanContent;

export const isUndoRow = (row: Pick<WritePlanRow, 'undoes' | 'content'>): boolean =>
  isUndoPlan({ undoes: row.undoes, intent: contentOf(row).intent });

export const writeOf = (content: JsonObject): PlannedWrite => content as unknown as PlannedWrite;

/** Of a person who asked for it nothing is left: neither to be sent nor to be compared with. */
export const isErased = (content: JsonObject): boolean => content['erased'] === true;

/** Plain data either way; interfaces have no index signature. */
export const asJson = (value: object): JsonObject => value as unknown as JsonObject;

import type { JsonObject } from '../kernel/index.ts';
import { erasedName } from '../store/index.ts';
import type { SwitchedAct } from '../switches/index.ts';
import { undoIntent } from './operations-of.ts';
import { isErased, writeOf } from './plan-row.ts';
import type { PlannedWrite } from './types.ts';

type Own = Pick<PlannedWrite, 'undoFor'>;

/**
 * It takes back what was written because a person wants it, not an agent. Whoever is stopped for what it wrote must not
 * be what keeps that from being taken back.
 */
export const isPersonsUndo = (intent: string | null, { undoFor }: Own): boolean =>
  intent === undoIntent && undoFor === undefined;

/** Whose act a write is, as far as switches may be about it: what a person takes back is none of the agent's. */
export const actBy = (
  {
    agent,
    principal,
    intent,
  }: { readonly agent: string; readonly principal: string | null; readonly intent: string | null },
  write: Own,
): Pick<SwitchedAct, 'agent' | 'principal'> => (isPersonsUndo(intent, write) ? { principal } : { agent, principal });

/**
 * Nothing of it is left that could be sent: what it said was erased, or the user in whose name it would go. What a
 * person takes back goes in nobody's name.
 */
export const isGone = ({
  content,
  principal,
  intent,
}: {
  readonly content: JsonObject;
  readonly principal: string | null;
  readonly intent: string | null;
}): boolean => isErased(content) || (principal === erasedName && !isPersonsUndo(intent, writeOf(content)));

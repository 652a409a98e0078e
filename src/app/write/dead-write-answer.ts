import type { DeadWrite } from '../../write/index.ts';
import { changeAnswer } from './plan-answer.ts';

/** A write that needs somebody, for operators: what it would have done, and why it did not. */
export function deadWriteAnswer(dead: DeadWrite): object {
  const { plan, state, code, text, attempts, agent, principal, acceptedAt, endedAt, write } = dead;
  return {
    plan,
    ...changeAnswer(write),
    state,
    code,
    why: text,
    attempts,
    agent,
    principal,
    accepted_at: acceptedAt,
    ended_at: endedAt,
  };
}

import { useState } from 'react';
import { problemOf } from '../api/client.ts';
import type { Problem } from '../api/types.ts';

export interface Act {
  readonly busy: boolean;
  readonly problem: Problem | null;
  /** False: it was refused, and `problem` says why; whatever was typed stays where it is. */
  run(work: () => Promise<unknown>): Promise<boolean>;
}

/** Something that a person does, once at a time. */
export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    try {
      await work();
      setProblem(null);
      return true;
    } catch (thrown) {
      setProblem(problemOf(thrown));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, run };
}

import { useEffect, useState } from 'react';
import { ask, problemOf } from '../api/client.ts';
import type { Problem } from '../api/types.ts';

export interface Asked<Answer> {
  /** The last one, also while it is asked again. */
  readonly answer: Answer | null;
  readonly problem: Problem | null;
}

const nothing = { path: null, answer: null, problem: null };

/** What an address answers; asked again whenever `version` changes. Null path: nothing is asked. */
export function useAsked<Answer>(path: string | null, version: number): Asked<Answer> {
  const [held, hold] = useState<Asked<Answer> & { readonly path: string | null }>(nothing);
  useEffect(() => {
    if (path === null) return;
    let isOver = false;
    ask<Answer>('GET', path).then(
      (answer) => isOver || hold({ path, answer, problem: null }),
      (thrown: unknown) =>
        isOver ||
        hold((before) => ({ path, answer: before.path === path ? before.answer : null, problem: problemOf(thrown) })),
    );
    return () => {
      isOver = true;
    };
  }, [path, version]);
  // Of another address: not for this one.
  return held.path === path ? held : nothing;
}

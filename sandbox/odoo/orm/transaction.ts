/** All that a call writes, or nothing: what is undone when it fails, and what happens only when it does not. */
export interface Transactions {
  /** Runs at once, within the transaction that is open already if there is one. */
  run<T>(work: () => T): T;
  /** How to take back what was just done; forgotten when the transaction ends well. */
  undoing(undo: () => void): void;
  /** After the transaction has ended well; at once where none is open. */
  afterwards(act: () => void): void;
}

export function createTransactions(): Transactions {
  let open: { readonly undos: (() => void)[]; readonly acts: (() => void)[] } | null = null;
  return {
    run: (work) => {
      if (open !== null) return work();
      const mine = { undos: [] as (() => void)[], acts: [] as (() => void)[] };
      open = mine;
      try {
        const result = work();
        open = null;
        for (const act of mine.acts) act();
        return result;
      } catch (error) {
        open = null;
        for (const undo of mine.undos.toReversed()) undo();
        throw error;
      }
    },
    undoing: (undo) => {
      open?.undos.push(undo);
    },
    afterwards: (act) => {
      if (open === null) act();
      else open.acts.push(act);
    },
  };
}

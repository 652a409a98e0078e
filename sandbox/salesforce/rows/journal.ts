/** A state of a table that can be restored. */
export interface Savepoint {
  /** Takes back everything since. */
  rollback(): void;
  /** It is not needed any more. */
  release(): void;
}

export interface Journal {
  /** How to take back a change that is about to be made; forgotten where nobody may ask for it. */
  note(undo: () => void): void;
  savepoint(): Savepoint;
}

export function createJournal(): Journal {
  let undos: (() => void)[] = [];
  let open = 0;
  return {
    note: (undo) => {
      if (open > 0) undos.push(undo);
    },
    savepoint: () => {
      open += 1;
      const from = undos.length;
      return {
        rollback: () => {
          while (undos.length > from) undos.pop()?.();
        },
        release: () => {
          open -= 1;
          if (open === 0) undos = [];
        },
      };
    },
  };
}

import type { Environment } from '../app/index.ts';

/** What a command may touch: the words after its name, the environment, and where it writes. */
export interface CommandContext {
  readonly args: readonly string[];
  readonly env: Environment;
  /** Answers, for people and pipes. */
  readonly out: (text: string) => void;
  /** Resolves when the person or the machine asks the program to end. */
  readonly untilAsked: () => Promise<void>;
}

export interface Command {
  /** `key create`. */
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** The exit code. */
  readonly run: (context: CommandContext) => Promise<number>;
}

import type { JsonObject } from '../kernel/index.ts';

/**
 * Operations in TypeScript. What a file was compiled to lies beside it in the
 * revision, in a folder that no project has on disk (read-project.ts): so that
 * who reads a revision compiles nothing, and runs what was checked.
 */

/** An operation; what lies deeper is for operations to import. */
export const isOperationFile = (file: string): boolean => /^operations\/[^/]+\.ts$/.test(file);

/** `operations/renew.ts` to `renew`. */
export const operationName = (file: string): string => (file.split('/').at(-1) ?? file).replace(/\.ts$/, '');

export const isCodeFile = (file: string): boolean => /^operations\/(?:[^/]+\/)*[^/]+\.ts$/.test(file);

export const isCompiledFile = (file: string): boolean => file.startsWith(COMPILED) && file.endsWith('.json');

/** `operations/renew.ts` to where it lies compiled. */
export const compiledFile = (file: string): string => `${COMPILED}${file.replace(/\.ts$/, '.json')}`;

const COMPILED = 'compiled/';

/** What an operation in TypeScript was compiled to, and what it says of itself. */
export interface CompiledOperation {
  readonly js: string;
  /** Source map, for places of errors. */
  readonly map: string;
  /** Of `js`. */
  readonly hash: string;
  /** As `defineOperation` was given it, without `plan`. */
  readonly declared: JsonObject;
}

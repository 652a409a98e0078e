export { compileOperations, placeIn, shortened, type CompiledFiles } from './compile-operations.ts';
export { createCodeRunner, type CodeRunner } from './code-runner.ts';
export type { CodeAnswer, CodeEnd } from './code-protocol.ts';

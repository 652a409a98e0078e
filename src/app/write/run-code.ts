import { GantryError, limits, type JsonObject } from '../../kernel/index.ts';
import type { OperationCode } from '../../manifest/index.ts';
import { placeIn, shortened, type CodeRunner } from '../../operations/index.ts';
import type { PlanPorts } from '../../write/index.ts';

/** What becomes of an operation in TypeScript, in the words of the doors. */
export const createRunCode =
  (runner: CodeRunner): PlanPorts['runCode'] =>
  async (
    { compiled, file }: OperationCode,
    { operation, given }: { readonly operation: string; readonly given: JsonObject },
  ) => {
    const answer = await runner.run(compiled.js, JSON.stringify(given));
    switch (answer.kind) {
      case 'answer':
        return answer.value;
      case 'refused':
        throw new GantryError('operation_refused', { message: shortened(answer.message), where: operation });
      case 'threw': {
        const { line, column } = placeIn(compiled.map, file, answer.stack);
        // What an error says may be what the records say: that is the caller's own.
        const message = `${operation} failed: ${shortened(answer.message)}`;
        throw new GantryError('operation_failed', { message, where: `${file}:${String(line)}:${String(column)}` });
      }
      case 'timeout':
        throw new GantryError('operation_timeout', {
          message: `${operation} was ended after ${String(limits.operationRunMs)} ms.`,
          where: file,
        });
      case 'ended':
        throw new GantryError('operation_timeout', {
          message: `${operation} was ended: ${shortened(answer.why)}`,
          where: file,
        });
      case 'no_operation':
      case 'no_result': {
        const what = answer.kind === 'no_result' ? answer.why : 'nothing';
        throw new GantryError('operation_result_invalid', {
          message: `${operation} returned ${what}, and no list of writes.`,
          where: file,
        });
      }
    }
  };

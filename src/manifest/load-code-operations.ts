import { isJsonObject } from '../kernel/index.ts';
import { buildCodeOperation } from './build-code-operation.ts';
import { checkShape } from './check-shape.ts';
import { codeDocument } from './code-document.ts';
import { compiledFile, isOperationFile, operationName, type CompiledOperation } from './code-files.ts';
import { reporterFor } from './document.ts';
import type { Problem } from './problem.ts';
import { findModel, type Scope } from './scope.ts';
import { codeOperationShape } from './shapes/code-operation-shape.ts';
import { nameRule, nameShape } from './shapes/parts.ts';
import type { Model } from './types.ts';

/**
 * Operations in TypeScript, each put to its model. They were compiled before
 * (src/operations); `told`: what was wrong with those that could not be.
 */
export function loadCodeOperations(
  texts: ReadonlyMap<string, string>,
  models: Map<string, Model>,
  {
    broken,
    told,
    problems,
  }: { readonly broken: Set<string>; readonly told: readonly Problem[]; readonly problems: Problem[] },
): void {
  const scope: Scope = { models, integrations: new Map(), broken };
  for (const [file, text] of texts) {
    if (!isOperationFile(file)) continue;
    const compiled = compiledOf(texts.get(compiledFile(file)));
    if (compiled !== null) loadOne(file, text, compiled, { models, scope, problems });
    else {
      // Which of its operations it would have had is not known: nobody judges what refers to one.
      for (const model of models.keys()) broken.add(`${model}.${operationName(file)}`);
      if (told.length === 0) problems.push(notCompiled(file));
    }
  }
}

function compiledOf(text: string | undefined): CompiledOperation | null {
  if (text === undefined) return null;
  const { js, map, hash, declared } = JSON.parse(text) as CompiledOperation;
  return isJsonObject(declared) ? { js, map, hash, declared } : null;
}

const notCompiled = (file: string): Problem => ({
  code: 'manifest_code_failed',
  file,
  line: 1,
  column: 1,
  path: '',
  message: 'The operation was not compiled.',
  fix: 'Use `gantry validate`, `plan` and `apply`, which compile it.',
  suggestions: [],
});

function loadOne(
  file: string,
  text: string,
  compiled: CompiledOperation,
  {
    models,
    scope,
    problems,
  }: { readonly models: Map<string, Model>; readonly scope: Scope; readonly problems: Problem[] },
): void {
  const document = codeDocument(file, text, compiled.declared);
  const report = reporterFor(document, problems);
  const name = operationName(file);
  if (!nameShape.safeParse(name).success) {
    const message = `The name of the file ${nameRule}: it is the operation's.`;
    report({ code: 'manifest_name_invalid', path: [], message });
  }
  const { raw, isBroken } = checkShape(document, codeOperationShape, { model: 'unnamed', writes: {} }, report);
  if (raw === null || isBroken(['model'])) return;
  const model = findModel(raw.model, ['model'], scope, report);
  if (model === null) return;
  const first = model.operations?.get(name);
  if (first !== undefined) {
    report({
      code: 'manifest_name_duplicate',
      path: [],
      message: `Operation \`${model.name}.${name}\` is declared in ${first.at.file}:${String(first.at.line)} already.`,
      fix: 'Rename or remove one of them.',
    });
    return;
  }
  const names = [...(model.operations?.keys() ?? []), name];
  const built = buildCodeOperation(name, raw, model, { path: [], document, scope, report, names, compiled });
  models.set(model.name, { ...model, operations: new Map([...(model.operations ?? []), [name, built]]) });
}

import { statementText, writes } from './statements.ts';
import {
  argumentsOf,
  identifierName,
  isNode,
  lineOf,
  member,
  walk,
  type ParsedFile,
  type SyntaxNode,
} from './syntax.ts';
import type { Violation } from './violation.ts';

/** Files between a transaction and the wire: they have a session, not a database. */
const DRIVERS = /^src\/(store\/(create-db|driver|postgres|postgres-listener|pglite[\w-]*)\.ts$|lens\/host\/)/;

/** Functions that write through what they are given, by name: at which place they take it. */
type Writers = Map<string, number>;

/**
 * Writes outside a named transaction. A function may take the database or a
 * transaction alike (`Directory`); if it writes, whoever calls it has to hand it
 * a transaction, and so on up to where one begins.
 */
export function strayWrites(files: readonly ParsedFile[], named: ReadonlyMap<string, string>): Violation[] {
  const ours = files.filter(({ path }) => !DRIVERS.test(path));
  const writers: Writers = new Map();
  for (;;) {
    const before = writers.size;
    const found = ours.flatMap((file) => inFile(file, named, writers));
    // Each round may have found writers whose callers were looked at before.
    if (writers.size === before) return found;
  }
}

function inFile(file: ParsedFile, named: ReadonlyMap<string, string>, writers: Writers): Violation[] {
  const found: Violation[] = [];
  const say = (node: SyntaxNode, what: string): void => {
    found.push({ path: file.path, line: lineOf(file, node.start), what });
  };
  walk(file.root, (node, around) => {
    if (node.type !== 'CallExpression') return;
    const query = member(node['callee']);
    const called = identifierName(node['callee']);
    if (query?.name === 'query') {
      const text = statementText(argumentsOf(node)[0], named);
      if (text === null ? isDatabase(query.object) : writes(text)) {
        if (!isGiven(query.object, around, writers)) {
          say(
            node,
            text === null
              ? 'a statement that shows at run time only, outside a transaction'
              : 'a write outside a transaction',
          );
        }
      }
    } else if (called !== null && writers.has(called)) {
      const through = argumentsOf(node)[writers.get(called) ?? 0];
      if (through !== undefined && !isGiven(through, around, writers))
        say(node, `${called} writes, and is given no transaction`);
    }
  });
  return found;
}

/** `db`, `deps.db` and the like. */
function isDatabase(node: SyntaxNode): boolean {
  return (identifierName(node) ?? member(node)?.name) === 'db';
}

/** A transaction, or what the caller of this function has to make sure is one. */
function isGiven(node: SyntaxNode, around: readonly SyntaxNode[], writers: Writers): boolean {
  const name = identifierName(node);
  if (name === null) return false;
  for (const scope of around.toReversed()) {
    const params = scope['params'];
    if (!Array.isArray(params)) continue;
    const place = (params as readonly SyntaxNode[]).findIndex((param) => identifierName(param) === name);
    const param = (params as readonly SyntaxNode[])[place];
    if (param === undefined) continue;
    const type = typeNameOf(param);
    if (type === 'Tx') return true;
    const own = nameOfFunction(scope, around);
    if (type === 'Directory' && own !== null) {
      writers.set(own, place);
      return true;
    }
    // The parameter of the work that is handed to `tx` or `tenantTx`.
    return name === 'tx' && type === null;
  }
  return false;
}

function typeNameOf(param: SyntaxNode): string | null {
  const annotation = param['typeAnnotation'];
  const type = isNode(annotation) ? annotation['typeAnnotation'] : null;
  return isNode(type) ? identifierName(type['typeName']) : null;
}

function nameOfFunction(scope: SyntaxNode, around: readonly SyntaxNode[]): string | null {
  if (scope.type === 'FunctionDeclaration') return identifierName(scope['id']);
  const parent = around[around.indexOf(scope) - 1];
  return parent?.type === 'VariableDeclarator' ? identifierName(parent['id']) : null;
}

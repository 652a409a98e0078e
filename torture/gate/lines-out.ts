import {
  argumentsOf,
  identifierName,
  isNode,
  lineOf,
  literalText,
  member,
  roughText,
  walk,
  type ParsedFile,
  type SyntaxNode,
} from './syntax.ts';
import type { Violation } from './violation.ts';

/** Modules by which a process reaches others, and what of them only answers, names or describes. */
const MODULES = /^(node:)?(http|https|http2|net|tls|dgram)$|^undici$|^@grpc\/grpc-js$|^ws$|^nodemailer$/;
const HARMLESS = new Set([
  'createServer',
  'createSecureServer',
  'Server',
  'IncomingMessage',
  'ServerResponse',
  'isIP',
  'isIPv4',
  'isIPv6',
  'BlockList',
  'STATUS_CODES',
  'METHODS',
  // Of gRPC: names of outcomes, and headers. Of undici: the ways that `send` may take.
  'status',
  'Metadata',
  'Agent',
  'ProxyAgent',
]);

/** A dispatcher decides the way that `send` takes; it sends nothing by itself. */
const WAYS_OF_SEND = new Set(['src/kernel/send.ts', 'src/kernel/outbound-proxy.ts']);

/** The texts that begin and end transactions; DuckDB's files are derived, and built again when they are cut off. */
const TRANSACTIONS = /^src\/(store\/create-db\.ts$|lens\/host\/)/;
const ENDS = /^\s*(commit|begin|rollback|savepoint|start\s+transaction|prepare\s+transaction)\b(?!\s*\w*[.'’])/i;
const SQL_ENDS = /^\s*(commit|begin|rollback)\s*(work|transaction)?\s*;/im;

/** Calls that leave the process, and commits, beside the wrappers that put crash points around them. */
export function strayLines(files: readonly ParsedFile[]): Violation[] {
  return files.flatMap((file) => {
    const found: Violation[] = [];
    const guarded = passesPoints(file);
    walk(file.root, (node, around) => {
      const what = leaving(file, node, guarded) ?? committing(file, node, around);
      if (what !== null) found.push({ path: file.path, line: lineOf(file, node.start), what });
    });
    return found;
  });
}

function leaving(file: ParsedFile, node: SyntaxNode, guarded: boolean): string | null {
  if (WAYS_OF_SEND.has(file.path)) return null;
  if (node.type === 'ImportExpression' && MODULES.test(literalText(node['source']) ?? ''))
    return 'a line out is imported at run time';
  if (node.type === 'ImportDeclaration' && node['importKind'] !== 'type') {
    const from = roughText(node['source']) ?? '';
    if (!MODULES.test(from) || guarded) return null;
    const names = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isNode) : [];
    const able = names.filter(
      (each) => each['importKind'] !== 'type' && !HARMLESS.has(identifierName(each['imported']) ?? ''),
    );
    return able.length === 0
      ? null
      : `${from} opens lines out, and this file passes no crash point before and after them`;
  }
  if (node.type === 'NewExpression' && /^(WebSocket|EventSource)$/.test(identifierName(node['callee']) ?? ''))
    return 'a line out beside send';
  if (node.type !== 'CallExpression') return null;
  const owner = member(node['callee']);
  const isGlobal = owner !== null && owner.name === 'fetch' && identifierName(owner.object) === 'globalThis';
  return isGlobal || identifierName(node['callee']) === 'fetch' ? 'fetch beside send' : null;
}

/** A file with a line of its own (gRPC, SMTP) has to name the points around it itself. */
function passesPoints(file: ParsedFile): boolean {
  const sides = new Set<string>();
  walk(file.root, (node) => {
    if (node.type !== 'CallExpression' || identifierName(node['callee']) !== 'crashPoint') return;
    const side = /\.(before|after)_send$/.exec(literalText(argumentsOf(node)[0]) ?? '')?.[1];
    if (side !== undefined) sides.add(side);
  });
  return sides.size === 2;
}

function committing(file: ParsedFile, node: SyntaxNode, around: readonly SyntaxNode[]): string | null {
  if (TRANSACTIONS.test(file.path) || around.at(-1)?.type === 'ImportDeclaration') return null;
  const text = node.type === 'Literal' || node.type === 'TemplateLiteral' ? roughText(node) : null;
  return text !== null && ENDS.test(text) && isStatement(around)
    ? 'a transaction is begun or ended beside tx and tenantTx'
    : null;
}

/** What is handed to a session, or stands among the statements of a file; not a word to compare with. */
function isStatement(around: readonly SyntaxNode[]): boolean {
  const parent = around.at(-1);
  if (parent?.type === 'CallExpression') return RUNS.has(member(parent['callee'])?.name ?? '');
  return around.some((each) => each.type === 'VariableDeclarator' && /sql$/i.test(identifierName(each['id']) ?? ''));
}

const RUNS = new Set(['query', 'script', 'exec', 'execute', 'run']);

/** Migrations run inside one transaction of their own. */
export function sqlEnds(path: string, text: string): Violation[] {
  return SQL_ENDS.test(text) ? [{ path, line: 1, what: 'a migration begins or ends a transaction' }] : [];
}

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

export interface Place {
  /** `sync.keep_page`. */
  readonly name: string;
  readonly kind: 'commit' | 'send';
  readonly path: string;
  readonly line: number;
}

export interface PlacesFound {
  readonly places: readonly Place[];
  readonly violations: readonly Violation[];
}

/** Where transactions are made out of statements, and where a call is put between two points. */
const WRAPPERS = new Set(['src/store/create-db.ts', 'src/kernel/send.ts', 'src/kernel/crash-point.ts']);
const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*\.[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const ARGUMENTS = { tx: 2, tenantTx: 3 } as const;

/** A function that hands the name of a place on: its callers name it. */
interface HandsOn {
  /** `src/budget`: names are told apart per folder only. */
  readonly folder: string;
  readonly name: string;
  /** Which argument. */
  readonly at: number;
}

/** Every transaction that may write and every call that leaves the process, by the name of its place. */
export function placesIn(all: readonly ParsedFile[]): PlacesFound {
  const files = all.filter(({ path }) => !WRAPPERS.has(path));
  const places: Place[] = [];
  const violations: Violation[] = [];
  const handsOn: HandsOn[] = [];
  for (const file of files) {
    const sends = importsSend(file);
    walk(file.root, (node, around) => {
      const found = placeAt(node, around, sends);
      if (found === null) return;
      const at = { path: file.path, line: lineOf(file, node.start) };
      const passed = found.kind === 'commit' ? handedOn(found.argument, around, folderOf(file)) : null;
      if (found.kind === 'wrong') violations.push({ ...at, what: found.what });
      else if (passed !== null) handsOn.push(passed);
      else keep(found, at);
    });
  }
  for (const each of handsOn) nameOfCallers(each);
  return { places, violations: [...violations, ...shared(places)] };

  function keep({ kind, argument, what }: Named, at: { readonly path: string; readonly line: number }): void {
    const name = literalText(argument);
    if (name !== null && NAME.test(name)) places.push({ name, kind, ...at });
    else violations.push({ ...at, what: `${what} without a literal name of its place, such as 'sync.keep_page'` });
  }

  function nameOfCallers({ folder, name, at }: HandsOn): void {
    for (const file of files.filter((each) => folderOf(each) === folder)) {
      walk(file.root, (node) => {
        if (node.type !== 'CallExpression') return;
        const called = identifierName(node['callee']) ?? member(node['callee'])?.name;
        if (called !== name) return;
        const what = `a transaction (${name})`;
        keep(
          { kind: 'commit', argument: argumentsOf(node)[at], what },
          { path: file.path, line: lineOf(file, node.start) },
        );
      });
    }
  }
}

const folderOf = ({ path }: ParsedFile): string => path.split('/').slice(0, 2).join('/');

interface Named {
  readonly kind: Place['kind'];
  readonly argument: unknown;
  readonly what: string;
}

/** What a node says of a place; null where it has nothing to do with one. */
function placeAt(
  node: SyntaxNode,
  around: readonly SyntaxNode[],
  sends: boolean,
): Named | { readonly kind: 'wrong'; readonly what: string } | null {
  if (node.type !== 'CallExpression') {
    const taken = member(node)?.name === 'tenantTx' && !isCalled(node, around);
    return taken ? { kind: 'wrong', what: 'tenantTx taken as a value: its place could not be read from here' } : null;
  }
  const given = argumentsOf(node);
  const method = member(node['callee'])?.name;
  if (method === 'tx' || method === 'tenantTx') {
    return { kind: 'commit', argument: given[ARGUMENTS[method] - 1], what: `a transaction (${method})` };
  }
  const called = identifierName(node['callee']);
  if (called === 'send' && sends) return { kind: 'send', argument: given[0], what: 'a call (send)' };
  if (called !== 'crashPoint') return null;
  const [, place, side, kind] = /^(.*)\.(before|after)_(send|commit)$/.exec(literalText(given[0]) ?? '') ?? [];
  if (kind === undefined) {
    return {
      kind: 'wrong',
      what: 'a crash point whose name is not <place>.before_send, after_send, before_commit or after_commit',
    };
  }
  // The place is counted where its first point stands.
  const argument = { type: 'Literal', value: place };
  return side === 'before' ? { kind: kind as Place['kind'], argument, what: 'a crash point' } : null;
}

/** Whether the name is a parameter of the function around. */
function handedOn(argument: unknown, around: readonly SyntaxNode[], folder: string): HandsOn | null {
  const wanted = identifierName(argument);
  if (wanted === null) return null;
  for (const [depth, scope] of [...around.entries()].toReversed()) {
    if (!Array.isArray(scope['params'])) continue;
    const at = (scope['params'] as readonly SyntaxNode[]).findIndex((param) => identifierName(param) === wanted);
    if (at < 0) continue;
    const parent = around[depth - 1];
    const name = identifierName(scope['id']) ?? identifierName(parent?.['id']) ?? identifierName(parent?.['key']);
    return name === null ? null : { folder, name, at };
  }
  return null;
}

function isCalled(node: SyntaxNode, around: readonly SyntaxNode[]): boolean {
  const parent = around.at(-1);
  return parent?.type === 'CallExpression' && parent['callee'] === node;
}

/** Several functions are called `send`; the kernel's is the one that leaves the process. */
function importsSend(file: ParsedFile): boolean {
  let found = false;
  walk(file.root, (node) => {
    if (node.type !== 'ImportDeclaration') return;
    const from = roughText(node['source']) ?? '';
    if (!/(kernel\/index|\/send)\.ts$/.test(from)) return;
    const names = node['specifiers'];
    if (!Array.isArray(names)) return;
    found ||= names.some((each) => isNode(each) && identifierName(each['imported']) === 'send');
  });
  return found;
}

function shared(places: readonly Place[]): Violation[] {
  return places.flatMap(({ name, path, line }, at) => {
    const first = places.findIndex((other) => other.name === name);
    const other = places[first];
    if (other === undefined || first === at) return [];
    return [{ path, line, what: `the place ${name} is also that of ${other.path}:${String(other.line)}` }];
  });
}

import { parseAst } from 'vitest/node';

/** A node of the syntax tree (ESTree with TypeScript's nodes), read loosely: rules look at a few kinds only. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [part: string]: unknown;
}

export interface SourceFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface ParsedFile extends SourceFile {
  readonly root: SyntaxNode;
}

export function parse(file: SourceFile): ParsedFile {
  return { ...file, root: parseAst(file.text, { lang: 'ts' }, file.path) as unknown as SyntaxNode };
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** Calls `visit` for every node, outermost first, with the nodes around it, the nearest last. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, around: readonly SyntaxNode[]) => void,
  around: readonly SyntaxNode[] = [],
): void {
  visit(node, around);
  const inside = [...around, node];
  for (const part of Object.values(node)) {
    for (const child of Array.isArray(part) ? (part as unknown[]) : [part]) {
      if (isNode(child)) walk(child, visit, inside);
    }
  }
}

export function lineOf({ text }: SourceFile, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** The text of a string or template without values; null for everything else. */
export function literalText(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : null;
  const quasis = node.type === 'TemplateLiteral' ? node['quasis'] : null;
  const expressions = node['expressions'];
  if (!Array.isArray(quasis) || !Array.isArray(expressions) || expressions.length > 0) return null;
  return (quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('');
}

/** The text of a template, values left out, or of a string; null for everything else. */
export function roughText(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type !== 'TemplateLiteral') return literalText(node);
  return (node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join(' ');
}

export function identifierName(node: unknown): string | null {
  return isNode(node) && node.type === 'Identifier' ? String(node['name']) : null;
}

/** `a.b` as {object: a, name: 'b'}. */
export function member(node: unknown): { readonly object: SyntaxNode; readonly name: string } | null {
  if (!isNode(node) || node.type !== 'MemberExpression' || node['computed'] === true) return null;
  const name = identifierName(node['property']);
  return name === null || !isNode(node['object']) ? null : { object: node['object'], name };
}

export const argumentsOf = (call: SyntaxNode): readonly SyntaxNode[] => call['arguments'] as readonly SyntaxNode[];

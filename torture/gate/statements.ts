import {
  identifierName,
  isNode,
  literalText,
  member,
  roughText,
  walk,
  type ParsedFile,
  type SyntaxNode,
} from './syntax.ts';

/** Texts of SQL by how code names them: `apiKeysSql.add`. */
export function namedStatements(files: readonly ParsedFile[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const file of files) {
    walk(file.root, (node) => {
      if (node.type !== 'VariableDeclarator') return;
      const name = identifierName(node['id']);
      const value = unwrapped(node['init']);
      if (name === null || value === null) return;
      const text = roughText(value);
      if (text !== null) texts.set(name, text);
      if (value.type !== 'ObjectExpression') return;
      for (const property of value['properties'] as readonly SyntaxNode[]) {
        const key = identifierName(property['key']) ?? literalText(property['key']);
        const part = roughText(property['value']);
        if (key !== null && part !== null) texts.set(`${name}.${key}`, part);
      }
    });
  }
  return texts;
}

/** `{...} as const` is `{...}`. */
function unwrapped(node: unknown): SyntaxNode | null {
  if (!isNode(node)) return null;
  return node.type === 'TSAsExpression' || node.type === 'TSSatisfiesExpression' ? unwrapped(node['expression']) : node;
}

/** What an argument of `query` says; null where that only shows at run time. */
export function statementText(argument: unknown, named: ReadonlyMap<string, string>): string | null {
  const text = roughText(argument);
  if (text !== null) return text;
  const name = identifierName(argument);
  if (name !== null) return named.get(name) ?? null;
  const part = member(argument);
  const owner = part === null ? null : identifierName(part.object);
  return part === null || owner === null ? null : (named.get(`${owner}.${part.name}`) ?? null);
}

const WRITING =
  /\b(insert\s+into|update\s+(only\s+)?[\w".]+(\s+(as\s+)?\w+)?\s+set|delete\s+from|truncate|merge\s+into)\b/i;

export const writes = (text: string): boolean => WRITING.test(text);

import { XMLParser } from 'fast-xml-parser';

/** One element in document order: its name, its children, or its text. */
type Node = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
});

export interface MethodCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Null when the text is no XML-RPC call. */
export function readCall(text: string): MethodCall | null {
  let root: readonly Node[];
  try {
    root = parser.parse(text) as readonly Node[];
  } catch {
    return null;
  }
  const call = child(root, 'methodCall');
  if (call === null) return null;
  const params = elements(child(call, 'params') ?? [], 'param').map((param) => readValue(child(param, 'value') ?? []));
  return { method: textOf(child(call, 'methodName') ?? []).trim(), params };
}

/** Text without a type is a string. */
function readValue(nodes: readonly Node[]): unknown {
  const typed = nodes.find((node) => !('#text' in node));
  if (typed === undefined) return textOf(nodes);
  const [type = ''] = Object.keys(typed);
  const inner = typed[type] as readonly Node[];
  const text = textOf(inner);
  switch (type) {
    case 'int':
    case 'i4':
    case 'i8':
    case 'double':
      return Number(text);
    case 'boolean':
      return text.trim() === '1';
    case 'nil':
      return null;
    case 'array':
      return elements(child(inner, 'data') ?? [], 'value').map(readValue);
    case 'struct':
      return Object.fromEntries(
        elements(inner, 'member').map((member) => [
          textOf(child(member, 'name') ?? []),
          readValue(child(member, 'value') ?? []),
        ]),
      );
    default:
      return text;
  }
}

function child(nodes: readonly Node[], name: string): readonly Node[] | null {
  return elements(nodes, name)[0] ?? null;
}

function elements(nodes: readonly Node[], name: string): readonly (readonly Node[])[] {
  return nodes.filter((node) => name in node).map((node) => node[name] as readonly Node[]);
}

function textOf(nodes: readonly Node[]): string {
  return nodes.map((node) => ('#text' in node ? String(node['#text']) : '')).join('');
}

/** Python's marshaller has no None unless told to. */
export class NoneError extends Error {}

const INT_MAX = 2 ** 31 - 1;

export function writeValue(value: unknown): string {
  if (value === null || value === undefined) {
    throw new NoneError('cannot marshal None unless allow_none is enabled');
  }
  if (typeof value === 'boolean') return `<value><boolean>${value ? 1 : 0}</boolean></value>`;
  if (typeof value === 'number') {
    const whole = Number.isInteger(value) && Math.abs(value) <= INT_MAX;
    return whole ? `<value><int>${value}</int></value>` : `<value><double>${value}</double></value>`;
  }
  if (typeof value === 'string') return `<value><string>${escaped(value)}</string></value>`;
  if (Array.isArray(value)) return `<value><array><data>\n${value.map(writeValue).join('\n')}\n</data></array></value>`;
  const members = Object.entries(value).map(
    ([name, inner]) => `<member>\n<name>${escaped(name)}</name>\n${writeValue(inner)}\n</member>`,
  );
  return `<value><struct>\n${members.join('\n')}\n</struct></value>`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** XML knows no control characters but tab and line ends; the others are left away. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>]|\p{Cc}/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return ESCAPES[char] ?? (code < 32 && ![9, 10, 13].includes(code) ? '' : char);
  });
}

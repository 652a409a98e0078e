import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Json } from '../../../kernel/index.ts';

export type XmlRpcResponse =
  { readonly kind: 'result'; readonly value: Json } | { readonly kind: 'fault'; readonly value: Json };

/**
 * An answer of an XML-RPC server as plain values; dates and base64 stay text.
 * Throws for everything that is not exactly that, above all for an answer that
 * was cut off: with half of its records it would still look like one.
 */
export function decodeResponse(text: string): XmlRpcResponse {
  // Entities of a document's own could make it grow without end; XML-RPC has no use for them.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw malformed('a document type');
  if (XMLValidator.validate(text) !== true) throw malformed('text that is not XML');
  const root = childrenOf(parser.parse(text) as XmlNode[], 'methodResponse');
  if (root === undefined) throw malformed('no methodResponse');
  const fault = childrenOf(root, 'fault');
  if (fault !== undefined) return { kind: 'fault', value: valueIn(fault) };
  const param = childrenOf(childrenOf(root, 'params') ?? [], 'param');
  if (param === undefined) throw malformed('no result');
  return { kind: 'result', value: valueIn(param) };
}

/** One element: its only key is its name. Text stands under `#text`. */
type XmlNode = { readonly [name: string]: XmlNode[] | string };

/** Order matters in arrays, spaces matter in texts, and `0012` is a text: nothing is interpreted here. */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
});

function childrenOf(nodes: readonly XmlNode[], name: string): XmlNode[] | undefined {
  const found = nodes.find((node) => Array.isArray(node[name]))?.[name];
  return Array.isArray(found) ? found : undefined;
}

function valueIn(nodes: readonly XmlNode[]): Json {
  const value = childrenOf(nodes, 'value');
  if (value === undefined) throw malformed('no value');
  return valueOf(value);
}

function valueOf(nodes: readonly XmlNode[]): Json {
  const typed = nodes.find((node) => node['#text'] === undefined);
  // Text without a type is a string.
  if (typed === undefined) return textOf(nodes);
  const [name, children] = Object.entries(typed)[0] ?? ['', []];
  const inner = Array.isArray(children) ? children : [];
  switch (name) {
    case 'string':
    case 'dateTime.iso8601':
    case 'base64':
      return textOf(inner);
    case 'int':
    case 'i4':
    case 'i8':
    case 'double':
      return numberOf(textOf(inner));
    case 'boolean':
      return textOf(inner).trim() === '1';
    case 'nil':
      return null;
    case 'array':
      return elementsOf(childrenOf(inner, 'data') ?? [], 'value').map(valueOf);
    case 'struct':
      return Object.fromEntries(elementsOf(inner, 'member').map(memberOf));
    default:
      throw malformed('a type that XML-RPC does not have');
  }
}

function elementsOf(nodes: readonly XmlNode[], name: string): XmlNode[][] {
  return nodes.flatMap((node) => {
    const children = node[name];
    return Array.isArray(children) ? [children] : [];
  });
}

function memberOf(member: readonly XmlNode[]): [string, Json] {
  return [textOf(childrenOf(member, 'name') ?? []), valueIn(member)];
}

function textOf(nodes: readonly XmlNode[]): string {
  const text = nodes.map((node) => (typeof node['#text'] === 'string' ? node['#text'] : '')).join('');
  return text.includes('&') ? text.replaceAll(ENTITY, (_, name: string) => characterOf(name)) : text;
}

const ENTITY = /&(amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});/g;
const NAMED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function characterOf(name: string): string {
  const named = NAMED.get(name);
  if (named !== undefined) return named;
  const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
}

function numberOf(text: string): number {
  const number = Number(text.trim());
  if (text.trim() === '' || !Number.isFinite(number)) throw malformed('a number that is none');
  return number;
}

function malformed(what: string): Error {
  return new Error(`the XML-RPC answer has ${what}`);
}

import type { Json } from '../../../kernel/index.ts';

/** A call as XML-RPC writes it (xmlrpc.com/spec), with `nil` for nothing, which Odoo's server takes. */
export function encodeCall(method: string, params: readonly Json[]): string {
  const list = params.map((param) => `<param>${valueOf(param)}</param>`).join('');
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${list}</params></methodCall>`;
}

function valueOf(value: Json): string {
  return `<value>${inner(value)}</value>`;
}

function inner(value: Json): string {
  if (value === null) return '<nil/>';
  if (typeof value === 'boolean') return `<boolean>${value ? '1' : '0'}</boolean>`;
  if (typeof value === 'number') return numberOf(value);
  if (typeof value === 'string') return `<string>${escaped(value)}</string>`;
  if (Array.isArray(value)) return `<array><data>${(value as readonly Json[]).map(valueOf).join('')}</data></array>`;
  const members = Object.entries(value).map(
    ([name, member]) => `<member><name>${escaped(name)}</name>${valueOf(member)}</member>`,
  );
  return `<struct>${members.join('')}</struct>`;
}

const INT_MAX = 2 ** 31;

/** The specification knows four bytes; a larger whole number travels as a double, exact up to 2^53. */
function numberOf(value: number): string {
  const isInt = Number.isInteger(value) && value < INT_MAX && value >= -INT_MAX;
  return isInt ? `<int>${String(value)}</int>` : `<double>${String(value)}</double>`;
}

/** Characters that XML 1.0 cannot hold at all are left out, as Odoo does with those that it sends. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

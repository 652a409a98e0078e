import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeResponse } from '../../src/connectors/odoo/xml-rpc/decode.ts';
import { encodeCall } from '../../src/connectors/odoo/xml-rpc/encode.ts';
import { xmlRpc } from '../../src/connectors/odoo/dialects/xmlrpc.ts';
import type { Json } from '../../src/kernel/index.ts';

const response = (value: string): string =>
  `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>${value}</value>\n</param>\n</params>\n</methodResponse>\n`;
const fault = (code: number, text: string): string =>
  `<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n` +
  `<value><int>${String(code)}</int></value>\n</member>\n<member>\n<name>faultString</name>\n` +
  `<value><string>${text}</string></value>\n</member>\n</struct></value>\n</fault>\n</methodResponse>\n`;
const result = (text: string): Json => decodeResponse(text).value;

describe('XML-RPC', () => {
  it('reads what Python writes', () => {
    expect(
      result(
        response(
          '<array><data>\n<value><int>7</int></value>\n<value><string>Gro\u00df &amp; S\u00f6hne &lt;AG&gt;</string></value>\n</data></array>',
        ),
      ),
    ).toEqual([7, 'Gro\u00df & S\u00f6hne <AG>']);
    expect(
      result(
        response(
          '<struct>\n<member>\n<name>active</name>\n<value><boolean>0</boolean></value>\n</member>\n<member>\n<name>x</name>\n<value><nil/></value></member>\n</struct>',
        ),
      ),
    ).toEqual({ active: false, x: null });
    expect(result(response('<double>-1.5e3</double>'))).toBe(-1_500);
    expect(result(response('  two spaces, no type'))).toBe('  two spaces, no type');
    expect(result(response(''))).toBe('');
    expect(result(response('<string>0012</string>'))).toBe('0012');
    expect(result(response('<string>&amp;lt; stays</string>'))).toBe('&lt; stays');
    expect(result(response('<array><data></data></array>'))).toEqual([]);
    expect(result(response('<array><data/></array>'))).toEqual([]);
  });

  it('gives back every value that it writes', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .map((value) => value.replaceAll(/[^\t\n\u0020-\uD7FF\uE000-\uFFFD]/gu, ''));
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (expected) => {
        const call = encodeCall('echo', [expected]);
        const answer = call
          .replace('<methodCall><methodName>echo</methodName>', '<methodResponse>')
          .replace(/<\/methodCall>$/, '</methodResponse>');
        expect(result(answer)).toEqual(expected);
      }),
    );
  });

  it('refuses an answer that was cut off, wherever', () => {
    const whole = response(
      '<array><data>\n<value><int>7</int></value>\n<value><int>8</int></value>\n</data></array>',
    ).trimEnd();
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => decodeResponse(whole.slice(0, length)), String(length)).toThrow(/XML-RPC answer/);
    }
  });

  it.each([
    ['a page for people', '<html><body>Down for maintenance</body></html>'],
    ['entities of its own', `<!DOCTYPE x [<!ENTITY a "aaaa">]>${response('&a;')}`],
    ['a number that is none', response('<int>seven</int>')],
    ['an unknown type', response('<money>7</money>')],
    ['nesting without end', response('<array><data><value>'.repeat(5_000))],
  ])('refuses %s', (_, text) => {
    expect(() => decodeResponse(text)).toThrow();
  });

  it('names what went wrong', () => {
    expect(xmlRpc.parse(fault(4, 'You are not allowed'), 200)).toEqual({
      fault: { name: 'AccessError', message: 'You are not allowed' },
    });
    expect(xmlRpc.parse(fault(3, 'Access Denied'), 200)).toMatchObject({ fault: { name: 'AccessDenied' } });
    expect(xmlRpc.parse(fault(2, 'Record does not exist'), 200)).toMatchObject({ fault: { name: 'UserError' } });
    const traceback =
      'Traceback (most recent call last):\n  File "/odoo/http.py", line 1, in x\n    raise y\n' +
      "ValueError: Invalid field 'x_gone' on model 'res.partner'\n";
    expect(xmlRpc.parse(fault(1, traceback), 200)).toEqual({
      fault: { name: 'ValueError', message: "ValueError: Invalid field 'x_gone' on model 'res.partner'\n" },
    });
    const unique =
      'Traceback (most recent call last):\n  File "/odoo/x.py", line 1\nKeyError: 1\n\nDuring handling of the above:\n\n' +
      'Traceback (most recent call last):\n  File "/odoo/y.py", line 2\n' +
      'psycopg2.errors.UniqueViolation: duplicate key\nDETAIL: Key (x)=(1) already exists.\n';
    expect(xmlRpc.parse(fault(1, unique), 200)).toMatchObject({ fault: { name: 'UniqueViolation' } });
    const database =
      'Traceback (most recent call last):\npsycopg2.OperationalError: FATAL:  database "nope" does not exist\n\n';
    expect(xmlRpc.parse(fault(1, database), 200)).toMatchObject({ fault: { name: 'OperationalError' } });
  });
});

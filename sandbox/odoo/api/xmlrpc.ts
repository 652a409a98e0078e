import type { SandboxRequest, SandboxResponse } from '../../kit/index.ts';
import { OdooError } from '../errors.ts';
import type { Org } from '../org.ts';
import type { Effects } from '../orm/write.ts';
import { dispatch } from './services.ts';
import { NoneError, readCall, writeValue } from './xml-values.ts';

/** Faults that are none of Odoo's own kinds carry the traceback (addons/rpc/controllers/xmlrpc.py). */
const APPLICATION_ERROR = 1;

/** `POST /xmlrpc/2/common` and `/xmlrpc/2/object`. */
export function xmlRpc(org: Org, request: SandboxRequest): SandboxResponse {
  const effects: Effects = [];
  const call = readCall(request.body);
  if (call === null)
    return fault(APPLICATION_ERROR, 'Traceback (most recent call last):\nxml.parsers.expat.ExpatError: syntax error\n');
  try {
    const { result, user } = dispatch(org, request.params['service'] ?? '', call.method, call.params, effects);
    const body = `<params>\n<param>\n${writeValue(result)}</param>\n</params>`;
    return { ...answer(body), effects, ...(user === null ? {} : { user }) };
  } catch (error) {
    if (error instanceof NoneError) {
      return fault(APPLICATION_ERROR, `Traceback (most recent call last):\nTypeError: ${error.message}\n`);
    }
    if (!(error instanceof OdooError)) throw error;
    const { faultCode } = error;
    return fault(faultCode, faultCode === APPLICATION_ERROR ? error.traceback : error.message);
  }
}

function fault(code: number, text: string): SandboxResponse {
  return answer(`<fault>\n${writeValue({ faultCode: code, faultString: text })}\n</fault>`);
}

function answer(body: string): SandboxResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/xml; charset=utf-8' },
    body: `<?xml version="1.0"?>\n<methodResponse>\n${body}\n</methodResponse>\n`,
  };
}

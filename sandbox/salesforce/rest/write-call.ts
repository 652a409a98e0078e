import { json, parseJson, type SandboxResponse } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { ObjectDef } from '../schema/object.ts';
import { readFields, type Writer } from '../writes/fields.ts';
import type { IntendedWrite } from '../writes/save.ts';
import { RequestError, type SaveError } from '../writes/save-error.ts';
import type { Wanted } from '../writes/saver.ts';
import { apiError } from './errors.ts';
import type { ApiCall } from './session.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function writerOf(seen: Org, { user, request }: ApiCall): Writer {
  const header = String(request.headers['sforce-duplicate-rule-header'] ?? '');
  return { user, seen, allowSave: /allowSave\s*=\s*true/i.test(header) };
}

/** The JSON object in the body of a call. Throws RequestError. */
export function bodyOf({ request }: ApiCall): Fields {
  const body = parseJson(request.body);
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Fields;
  throw new RequestError('JSON_PARSER_ERROR', 'The JSON body of the request is not an object');
}

/** The field values of a record in a body, without what says of which object it is. */
export function valuesOf(record: Fields): Fields {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== 'attributes'));
}

/** Values that no JSON parser of the platform would take spoil the whole call. Throws RequestError. */
export function parseAll(writer: Writer, wanted: readonly Wanted[]): void {
  for (const write of wanted)
    if ('op' in write && write.op !== 'delete')
      readFields(writer, write.object, write.fields, { op: write.op, spelling: 'json' });
}

export function intended(
  op: IntendedWrite['op'],
  object: ObjectDef,
  id: string | null,
  fields: Fields = {},
  marker: string | null = null,
): IntendedWrite {
  return { op, object, id, fields, spelling: 'json', marker };
}

/** Answers calls whose body cannot be read. */
export function answering(handle: (call: ApiCall) => SandboxResponse): (call: ApiCall) => SandboxResponse {
  return (call) => {
    try {
      return handle(call);
    } catch (error) {
      if (error instanceof RequestError) return apiError(400, error.errorCode, error.message);
      throw error;
    }
  };
}

/** REST guide, "Status Codes and Error Responses". */
export function refusedSave(errors: readonly SaveError[]): SandboxResponse {
  const [first] = errors;
  const status =
    first?.statusCode === 'INSUFFICIENT_ACCESS_OR_READONLY'
      ? 403
      : first?.statusCode === 'ENTITY_IS_DELETED'
        ? 404
        : 400;
  return json(
    status,
    errors.map(({ statusCode, message, fields }) => ({ message, errorCode: statusCode, fields })),
  );
}

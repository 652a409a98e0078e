import { json, type Route, type SandboxResponse } from '../../kit/index.ts';
import type { CustomFields, SetupAnswer } from '../setup/custom-fields.ts';
import { apiError, notFound } from './errors.ts';
import type { Api, ApiCall } from './session.ts';
import { answering, bodyOf } from './write-call.ts';

/** What programs of administrators change in Setup: definitions of fields and who is shown them. */
export function setupWriteRoutes(
  fields: CustomFields,
  api: Api,
  permissions: { mayViewSetup(user: ApiCall['user']): boolean },
): readonly Route[] {
  const post = (path: string, make: (call: ApiCall) => SetupAnswer): Route => ({
    method: 'POST',
    path: `/services/data/:version${path}`,
    handle: api(answering((call) => (permissions.mayViewSetup(call.user) ? answerOf(make(call)) : notFound()))),
  });
  return [
    post('/tooling/sobjects/CustomField', (call) => fields.create(call.user, bodyOf(call))),
    post('/tooling/sobjects/CustomField/', (call) => fields.create(call.user, bodyOf(call))),
    post('/sobjects/FieldPermissions', (call) => fields.permit(call.user, bodyOf(call))),
    post('/sobjects/FieldPermissions/', (call) => fields.permit(call.user, bodyOf(call))),
  ];
}

function answerOf(answer: SetupAnswer): SandboxResponse {
  if (answer.kind === 'refused') return apiError(answer.status, answer.errorCode, answer.message);
  const { id, effects } = answer;
  return { ...json(201, { id, success: true, errors: [], warnings: [], infos: [] }), effects };
}

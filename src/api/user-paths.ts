import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';

/** The operators' addresses for users' own sign-ins, as OpenAPI has them. */
export function userPaths({
  security,
  body,
  responses,
  signIn,
}: Pick<PathParts, 'security' | 'body' | 'responses'> & { readonly signIn: JsonObject }): {
  readonly [path: string]: JsonObject;
} {
  const inPath = (name: string): JsonObject => ({ name, in: 'path', required: true, schema: { type: 'string' } });
  const tenant: JsonObject = { name: 'tenant', in: 'query', required: true, schema: { type: 'string' } };
  const one = [inPath('connection'), inPath('user')];
  return {
    '/v1/connections/{connection}/users': {
      get: {
        operationId: 'list_user_sign_ins',
        summary: "Users' own sign-ins beside a connection's",
        security,
        parameters: [inPath('connection'), tenant],
        responses: responses('200', 'Who has signed in, and until when.', { type: 'object' }),
      },
    },
    '/v1/connections/{connection}/users/{user}': {
      post: {
        operationId: 'sign_in_user',
        summary: 'Keep the own sign-in of a user, entered as for a connection',
        security,
        parameters: one,
        requestBody: body(signIn),
        responses: responses('201', 'Who that is at the provider.', { type: 'object' }),
      },
      delete: {
        operationId: 'sign_out_user',
        summary: 'Forget the own sign-in of a user',
        security,
        parameters: [...one, tenant],
        responses: responses('200', 'It is forgotten.', { type: 'object' }),
      },
    },
  };
}

import type * as z from 'zod';
import type { JsonObject } from '../kernel/index.ts';
import { agentKeyPaths } from './agent-key-paths.ts';
import { agentActBody, localUserBody, newOperatorBody, signInLinkBody, signOutBody } from './identity-routes.ts';
import { byEmailBody, principalLinkBody } from './principal-routes.ts';
import type { PathParts } from './project-paths.ts';

export type IdentityPathParts = Omit<PathParts, 'overlay'> & {
  readonly schemaOf: (shape: z.ZodObject) => JsonObject;
};

/** The operators' addresses for who acts, as OpenAPI has them. */
export function identityPaths(parts: IdentityPathParts): { readonly [path: string]: JsonObject } {
  return { ...actorPaths(parts), ...agentKeyPaths(parts), ...userPathsOf(parts), ...principalPaths(parts) };
}

const plain = { type: 'object' };
const inPath = (name: string): JsonObject => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const inQuery = (name: string, required: boolean): JsonObject => ({
  name,
  in: 'query',
  required,
  schema: { type: 'string' },
});

function actorPaths({ security, body, responses, schemaOf }: IdentityPathParts): {
  readonly [path: string]: JsonObject;
} {
  const act = (operationId: string, summary: string): JsonObject => ({
    operationId,
    summary,
    security,
    parameters: [inPath('agent')],
    requestBody: body(schemaOf(agentActBody)),
    responses: responses('200', 'The agent.', plain),
  });
  return {
    '/v1/operators': {
      get: {
        operationId: 'list_operators',
        summary: 'Operators with keys of their own, and their roles',
        security,
        responses: responses('200', 'The operators.', plain),
      },
      post: {
        operationId: 'add_operator',
        summary: 'Give somebody a key and a role; whoever had the name loses theirs',
        security,
        requestBody: body(schemaOf(newOperatorBody)),
        responses: responses('201', 'The operator, with the key, once.', plain),
      },
    },
    '/v1/operators/{name}': {
      delete: {
        operationId: 'remove_operator',
        summary: 'Take an operator’s key back',
        security,
        parameters: [inPath('name')],
        responses: responses('200', 'Who was removed.', plain),
      },
    },
    '/v1/operators/{name}/sign-out': {
      post: {
        operationId: 'sign_out_operator',
        summary: 'Void the tokens that identity providers issued to an operator up to now',
        security,
        parameters: [inPath('name')],
        responses: responses('200', 'Who was signed out.', plain),
      },
    },
    '/v1/agents': {
      get: {
        operationId: 'list_agents',
        summary: 'The agents of the project: who answers for them, for whom they act, and which are suspended',
        security,
        responses: responses('200', 'The agents.', plain),
      },
    },
    '/v1/agents/{agent}/suspend': { post: act('suspend_agent', 'End all that an agent may do, at once') },
    '/v1/agents/{agent}/resume': { post: act('resume_agent', 'Let it go on') },
  };
}

function userPathsOf({ security, body, responses, schemaOf }: IdentityPathParts): {
  readonly [path: string]: JsonObject;
} {
  return {
    '/v1/sign-in-links': {
      post: {
        operationId: 'create_sign_in_link',
        summary: 'A link by which a browser is signed in as a user of the product, once and soon',
        security,
        requestBody: body(schemaOf(signInLinkBody)),
        responses: responses('201', 'The link.', plain),
      },
    },
    '/v1/principals/{principal}/sign-out': {
      post: {
        operationId: 'sign_out_principal',
        summary: 'End all sign-ins and access tokens of a user',
        security,
        parameters: [inPath('principal')],
        requestBody: body(schemaOf(signOutBody)),
        responses: responses('200', 'Who was signed out.', plain),
      },
    },
    '/v1/local-users': {
      get: {
        operationId: 'list_local_users',
        summary: 'Users with a password of ours',
        security,
        parameters: [inQuery('tenant', true)],
        responses: responses('200', 'The users.', plain),
      },
      post: {
        operationId: 'set_local_user',
        summary: 'Give a user a password; without one, one is made and shown once',
        security,
        requestBody: body(schemaOf(localUserBody)),
        responses: responses('201', 'The user.', plain),
      },
    },
    '/v1/local-users/{name}': {
      delete: {
        operationId: 'remove_local_user',
        summary: 'Take the password away, and end what is open',
        security,
        parameters: [inPath('name'), inQuery('tenant', true)],
        responses: responses('200', 'Who was removed.', plain),
      },
    },
  };
}

function principalPaths({ security, body, responses, schemaOf }: IdentityPathParts): {
  readonly [path: string]: JsonObject;
} {
  return {
    '/v1/principals': {
      get: {
        operationId: 'list_principals',
        summary: 'Who the product’s users are in the connected systems, and how new their rights are',
        security,
        parameters: [inQuery('tenant', true), inQuery('connection', false), inQuery('principal', false)],
        responses: responses('200', 'The links.', plain),
      },
      post: {
        operationId: 'link_principal',
        summary: 'Say who a user of the product is in a connected system',
        security,
        requestBody: body(schemaOf(principalLinkBody)),
        responses: responses('201', 'The link.', plain),
      },
    },
    '/v1/principals/by-email': {
      post: {
        operationId: 'link_principals_by_email',
        summary: 'Pair users by their e-mail addresses; says what it would do unless `apply`',
        security,
        requestBody: body(schemaOf(byEmailBody)),
        responses: responses('200', 'The pairs, and who has none.', plain),
      },
    },
    '/v1/principals/{principal}': {
      delete: {
        operationId: 'unlink_principal',
        summary: 'Forget who a user is in a connected system: nothing of it is shown to them then',
        security,
        parameters: [inPath('principal'), inQuery('tenant', true), inQuery('connection', true)],
        responses: responses('200', 'What was forgotten.', plain),
      },
    },
  };
}

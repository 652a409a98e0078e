import type { JsonObject } from '../kernel/index.ts';
import { inPath, inQuery, limitInQuery, ofObject, tenantInQuery } from './sync-parameters.ts';
import type { PathParts } from './project-paths.ts';

type Parts = Pick<PathParts, 'security' | 'body' | 'responses'> & {
  readonly objectAct: JsonObject;
  readonly backfill: JsonObject;
  readonly heldAct: JsonObject;
};

/** The operators' addresses for objects, comparisons and held deletions, as OpenAPI has them. */
export function syncPaths({ security, body, responses, objectAct, backfill, heldAct }: Parts): {
  readonly [path: string]: JsonObject;
} {
  const plain = { type: 'object' };
  const base = '/v1/connections/{connection}/objects/{object}';
  const act = (operationId: string, summary: string, schema: JsonObject, status = '200'): JsonObject => ({
    post: {
      operationId,
      summary,
      security,
      parameters: [inPath('connection'), inPath('object')],
      requestBody: body(schema),
      responses: responses(status, 'The object as it is now.', plain),
    },
  });
  const held = (operationId: string, summary: string): JsonObject => ({
    post: {
      operationId,
      summary,
      security,
      requestBody: body(heldAct),
      responses: responses('200', 'How many records were deleted.', plain),
    },
  });
  const list = (
    operationId: string,
    summary: string,
    parameters: readonly JsonObject[],
    answer: string,
  ): JsonObject => ({
    get: { operationId, summary, security, parameters: [...parameters], responses: responses('200', answer, plain) },
  });
  return {
    [`${base}/pause`]: act('pause_object', 'Stop reading one object; what is here stays readable', objectAct),
    [`${base}/resume`]: act('resume_object', 'Go on from where the pause stopped it, at once', objectAct),
    [`${base}/backfill`]: act(
      'backfill_object',
      'Read one object again: so many days, all, or as far back as the project says',
      backfill,
      '202',
    ),
    '/v1/comparisons': list(
      'list_comparisons',
      'Comparisons of all records with the provider: what each found and mended',
      ofObject,
      'The reports, newest first.',
    ),
    '/v1/held-deletions': list(
      'list_held_deletions',
      'Deletions that wait for somebody, why, and what happens by itself',
      [tenantInQuery],
      'One for each object.',
    ),
    '/v1/held-deletions/accept': held('accept_deletions', 'The records are really gone: delete them here, too'),
    '/v1/held-deletions/dismiss': held('dismiss_deletions', 'The records are still there: forget the finding'),
    '/v1/operator-acts': list(
      'list_operator_acts',
      'What operators did to the reading of connections: who, when, why, and what it came to',
      [tenantInQuery, inQuery('connection'), limitInQuery],
      'The acts, newest first.',
    ),
  };
}

import type { JsonObject } from '../kernel/index.ts';
import type { PathParts } from './project-paths.ts';
import { inPath, inQuery, limitInQuery, ofObject, tenantInQuery } from './sync-parameters.ts';

type Parts = Pick<PathParts, 'security' | 'body' | 'responses'> & {
  readonly replayLetters: JsonObject;
  readonly replayEvents: JsonObject;
  readonly dropEvents: JsonObject;
};

/** The operators' addresses for dead letters and dead events, as OpenAPI has them. */
export function deadPaths({ security, body, responses, replayLetters, replayEvents, dropEvents }: Parts): {
  readonly [path: string]: JsonObject;
} {
  const plain = { type: 'object' };
  const read = (
    operationId: string,
    summary: string,
    parameters: readonly JsonObject[],
    answer: string,
  ): JsonObject => ({
    operationId,
    summary,
    security,
    parameters: [...parameters],
    responses: responses('200', answer, plain),
  });
  const act = (operationId: string, summary: string, schema: JsonObject, answer: string): JsonObject => ({
    post: { operationId, summary, security, requestBody: body(schema), responses: responses('200', answer, plain) },
  });
  const note = { ...inQuery('note'), required: true };
  return {
    '/v1/dead-letters': {
      get: read(
        'list_dead_letters',
        'Records and pages that could not be read or kept, with cause, tries and times; never their content',
        ofObject,
        'The letters, newest first.',
      ),
    },
    '/v1/dead-letters/{letter}': {
      get: read('show_dead_letter', 'One of them', [inPath('letter'), tenantInQuery], 'The letter.'),
      delete: read(
        'drop_dead_letter',
        'It is not wanted any more; `note` says why',
        [inPath('letter'), tenantInQuery, note, inQuery('by')],
        'What it was.',
      ),
    },
    '/v1/dead-letters/replay': act(
      'replay_dead_letters',
      'Try one again, or all of a connection or object: records now, pages with the next run',
      replayLetters,
      'What came of it.',
    ),
    '/v1/dead-events': {
      get: read(
        'list_dead_events',
        'What providers told and nobody could read, with cause and tries',
        [tenantInQuery, inQuery('connection'), limitInQuery],
        'The events, newest first.',
      ),
    },
    '/v1/dead-events/replay': act(
      'replay_dead_events',
      'Try one again, or all of a connection',
      replayEvents,
      'How many are tried again.',
    ),
    '/v1/dead-events/drop': act(
      'drop_dead_events',
      'One of a connection, or all, are not wanted any more; `note` says why',
      dropEvents,
      'How many were dropped.',
    ),
  };
}

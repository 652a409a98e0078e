import { writeGrantFor } from '../../access/index.ts';
import { globMatches, type AgentDeclaration, type Integration } from '../../manifest/index.ts';
import type { Catalogue, TenantStream } from '../../mapping/index.ts';
import type { RightsQuestion } from '../../write/index.ts';
import { notGranted } from './grant-lost.ts';

/**
 * By key: fields that are not to be made any more, as the project now lets
 * values be kept otherwise, takes no writes there, or lets the agent write no
 * such value. None is made in a user's name.
 */
export function fieldLost(
  agent: AgentDeclaration,
  { objects }: Pick<Catalogue, 'objects'>,
  about: { readonly integration: Integration; readonly stream: TenantStream; readonly question: RightsQuestion },
): ReadonlyMap<string, string> {
  const { integration, stream, question } = about;
  const { scope, mode } = integration;
  const name = stream.object.name;
  const write = integration.objects.get(name)?.write;
  const takes =
    question.principal === null &&
    mode !== 'read_only' &&
    mode !== 'propose_only' &&
    scope.write.some((glob) => globMatches(glob, name));
  return new Map(
    question.writes.flatMap(({ key, model, changes }): [string, string][] => {
      const wanted = changes.every(({ field }) => write?.unmapped.get(field)?.kind === 'create_field');
      if (!takes || !wanted) return [[key, 'The project makes no such field any more.']];
      const object = model === null ? undefined : objects.get(model);
      const { intent } = question;
      const byName = intent !== null && agent.grant.operations?.includes(intent) === true;
      const grant = object === undefined ? null : writeGrantFor(object, agent.grant.write ?? new Map());
      const named = grant?.fields ?? null;
      const isGranted =
        grant !== null &&
        grant.operations.some((verb) => verb !== 'delete') &&
        (named === null || changes.every(({ field }) => named.includes(field)));
      return isGranted || byName ? [] : [[key, notGranted(agent.name)]];
    }),
  );
}

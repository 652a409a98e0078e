import { writeGrantFor } from '../../access/index.ts';
import type { AgentDeclaration } from '../../manifest/index.ts';
import type { Catalogue, TenantStream } from '../../mapping/index.ts';
import type { RightsQuestion } from '../../write/index.ts';

/**
 * By key: writes that the agent's grant as it is now would not let it plan. A
 * plan may wait for hours, and a grant is taken back to stop what it allowed.
 * What takes back what was allowed once needs no grant.
 */
export function grantLost(
  agent: AgentDeclaration,
  { objects }: Pick<Catalogue, 'objects'>,
  { stream, question }: { readonly stream: TenantStream; readonly question: RightsQuestion },
): ReadonlyMap<string, string> {
  const { intent, operation, undo, writes } = question;
  if (undo) return new Map();
  const lost = (key: string): [string, string] => [key, `${agent.name} may not write this any more.`];
  // An operation of the manifest is granted by its name, everything else by what it writes.
  if (intent !== null && intent.includes('.')) {
    return agent.grant.operations?.includes(intent) === true ? new Map() : new Map(writes.map(({ key }) => lost(key)));
  }
  const native = [...objects.values()].find(
    ({ kind, sources }) => kind === 'native' && sources.some((source) => source.stream === stream.stream),
  );
  return new Map(
    writes.flatMap(({ key, model, changes }) => {
      const object = model === null ? native : objects.get(model);
      const grant = object === undefined ? null : writeGrantFor(object, agent.grant.write ?? new Map());
      const verbs = grant?.operations ?? [];
      // An upsert is sent as what it turned out to be.
      const isGranted = verbs.includes(operation) || (operation !== 'delete' && verbs.includes('upsert'));
      const named = grant?.fields ?? null;
      const isWithin = named === null || changes.every(({ field }) => named.includes(field));
      return isGranted && isWithin ? [] : [lost(key)];
    }),
  );
}

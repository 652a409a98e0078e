import { writeGrantFor } from '../../access/index.ts';
import type { AgentDeclaration } from '../../manifest/index.ts';
import type { Catalogue, TenantStream } from '../../mapping/index.ts';
import type { RightsQuestion } from '../../write/index.ts';

/** The same words whatever of the grant was lost: which condition a record does not meet any more is not told. */
export const notGranted = (agent: string): string => `${agent} may not write this any more.`;

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
  const lost = (key: string): [string, string] => [key, notGranted(agent.name)];
  // What is granted by its name is planned to write what that comes to, and nothing else.
  const byName = intent !== null && agent.grant.operations?.includes(intent) === true;
  if (byName) return new Map();
  // An operation of the manifest is granted so alone; an intent, and a plain write, by what it writes.
  if (intent !== null && intent.includes('.')) return new Map(writes.map(({ key }) => lost(key)));
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

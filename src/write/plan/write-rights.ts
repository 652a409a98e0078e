import { writeGrantFor } from '../../access/index.ts';
import type { Filter } from '../../filter/index.ts';
import { GantryError } from '../../kernel/index.ts';
import type { AgentDeclaration, WriteGrant, WriteVerb } from '../../manifest/index.ts';
import type { CatalogueObject } from '../../mapping/index.ts';

/** What a grant lets an agent write of one object, by one operation. */
export interface WriteRights {
  /** Null: every field that it may see. */
  readonly fields: ReadonlySet<string> | null;
  readonly where: Filter | null;
}

/** What an operation of the manifest needs no further grant for: it sets what it declares, and nothing else. */
export const operationRights: WriteRights = { fields: null, where: null };

/** What is granted by the name of an intent: the fields that it comes to in that system, and nothing else. */
export interface NamedGrant {
  readonly intent: string;
  readonly fields: readonly string[];
}

/** Whether the agent may do it: by what it writes, or by the intent's own name. */
export function mayWrite(agent: AgentDeclaration, object: CatalogueObject, verb: WriteVerb, intent: string): boolean {
  const grant = writeGrantFor(object, agent.grant.write ?? new Map<string, WriteGrant>());
  return grant?.operations.includes(verb) === true || isNamed(agent, intent);
}

const isNamed = (agent: AgentDeclaration, intent: string): boolean => agent.grant.operations?.includes(intent) === true;

/** Raises `write_not_granted`. The exact name wins over globs, the longest glob over shorter ones, as with reading. */
export function writeRights(
  agent: AgentDeclaration,
  object: CatalogueObject,
  verb: WriteVerb,
  named: NamedGrant | null = null,
): WriteRights {
  const grant = writeGrantFor(object, agent.grant.write ?? new Map<string, WriteGrant>());
  if (grant?.operations.includes(verb) === true) {
    return { fields: grant.fields === null ? null : new Set(grant.fields), where: grant.where };
  }
  if (named !== null && isNamed(agent, named.intent)) return { fields: new Set(named.fields), where: null };
  const granted = grant === null || grant.operations.length === 0 ? null : grant.operations.join(', ');
  throw new GantryError('write_not_granted', {
    message: `The grant of ${agent.name} does not let it ${verb} ${object.name}.`,
    where: 'object',
    ...(granted === null ? {} : { fix: `It has: ${granted}. The product team may grant more.` }),
  });
}

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

/** Raises `write_not_granted`. The exact name wins over globs, the longest glob over shorter ones, as with reading. */
export function writeRights(agent: AgentDeclaration, object: CatalogueObject, verb: WriteVerb): WriteRights {
  const grant = writeGrantFor(object, agent.grant.write ?? new Map<string, WriteGrant>());
  if (grant?.operations.includes(verb) === true) {
    return { fields: grant.fields === null ? null : new Set(grant.fields), where: grant.where };
  }
  const granted = grant === null || grant.operations.length === 0 ? null : grant.operations.join(', ');
  throw new GantryError('write_not_granted', {
    message: `The grant of ${agent.name} does not let it ${verb} ${object.name}.`,
    where: 'object',
    ...(granted === null ? {} : { fix: `It has: ${granted}. The product team may grant more.` }),
  });
}

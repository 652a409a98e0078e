import { agentView } from './agent-view.ts';
import type { Facts, SystemFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import type { Replica } from './replica.ts';
import { compared, type Records, type Truth } from './truth.ts';

/** I1 and the half of I2 that data shows: the replica and the lens have what the provider has, and nothing else. */
export async function compareSystem(
  facts: Facts,
  system: SystemFacts,
  truth: Truth,
  replica: Replica,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [object, { fields }] of Object.entries(compared[system.provider])) {
    const there = await truth.read(object);
    const kept = await replica.read(system.tenant, system.integration, object, fields);
    const place = { tenant: system.tenant, object };
    if (kept === null) {
      found.push({ invariant: 'I1', ...place, what: `${system.integration}.${object} is not replicated` });
      continue;
    }
    const told = differences(there, kept.living, kept.gone).map((each) => ({
      ...each,
      ...place,
      what: `${system.integration}.${object} ${each.what}`,
    }));
    found.push(...told);
    if (told.length === 0) found.push(...(await compareLens(facts, system, object, kept.living)));
  }
  return found;
}

type Difference = Pick<Finding, 'invariant' | 'what' | 'id'>;

export function differences(there: Records, living: Records, gone: ReadonlySet<string>): Difference[] {
  const found: Difference[] = [];
  for (const [id, fields] of there) {
    const ours = living.get(id);
    if (ours === undefined) {
      found.push({
        invariant: 'I1',
        id,
        what: `${id} is ${gone.has(id) ? 'marked as deleted, and lives' : 'missing'}`,
      });
      continue;
    }
    for (const [field, value] of Object.entries(fields)) {
      if (ours[field] === value) continue;
      found.push({
        invariant: 'I1',
        id,
        what: `${id} ${field} is ${String(ours[field])}, and should be ${String(value)}`,
      });
      break;
    }
  }
  for (const id of living.keys()) {
    if (!there.has(id)) found.push({ invariant: 'I2', id, what: `${id} lives on, and is deleted at the provider` });
  }
  return found;
}

/** Agents get texts without the characters that nobody sees and that turn a text's direction. */
const bare = (text: string | null | undefined): string | null =>
  text?.replaceAll(/[\p{C}\p{Variation_Selector}]/gu, '') ?? null;

const ID_FIELD = { salesforce: 'Id', zendesk: 'id', odoo: 'id', google_calendar: 'key' } as const;

async function compareLens(facts: Facts, system: SystemFacts, object: string, living: Records): Promise<Finding[]> {
  const { tenant, integration, provider } = system;
  const field = compared[provider][object]?.fields[0] ?? '';
  const seen = await agentView(facts, tenant, {
    object: `${integration}.${object}`,
    idField: ID_FIELD[provider],
    field,
  });
  const place = { invariant: 'I1', tenant, object } as const;
  for (const [id, fields] of living) {
    if (!seen.has(id))
      return [{ ...place, id, what: `${integration}.${object} ${id} is in the database, and agents do not see it` }];
    if (bare(seen.get(id)) !== bare(fields[field])) {
      return [
        {
          ...place,
          id,
          what: `${integration}.${object} ${id} ${field} is ${String(seen.get(id))} to agents, and ${String(fields[field])} in the database`,
        },
      ];
    }
  }
  for (const id of seen.keys()) {
    if (!living.has(id))
      return [
        {
          ...place,
          invariant: 'I2',
          id,
          what: `${integration}.${object} ${id} is shown to agents, and is not in the database`,
        },
      ];
  }
  return [];
}

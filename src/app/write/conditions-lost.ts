import type { Filter } from '../../filter/index.ts';
import type { TenantId } from '../../kernel/index.ts';
import { operationOf, shownParts, type RightsQuestion } from '../../write/index.ts';
import { grantReach, grantWays, nativesAsked, type AskedBy, type GrantReach, type GrantWay } from './grant-ways.ts';
import { holding, storedOf, type AskedWrite } from './holding.ts';
import type { WithinGrantDeps } from './within-grant.ts';

/** A condition of the operation that a write is of, over the model that it is of. */
interface Condition {
  readonly text: string;
  readonly way: GrantWay;
  readonly filter: Filter;
  readonly writes: readonly AskedWrite[];
}

/**
 * By key, in the manifest's words: conditions of the operation that held when
 * it was planned and do not any more. Of what the caller is not shown, people
 * were told when they decided; nothing is held against it here, where the
 * outcome would tell.
 */
export async function conditionsLost(
  deps: WithinGrantDeps,
  tenant: TenantId,
  question: RightsQuestion,
  by: AskedBy,
): Promise<ReadonlyMap<string, string>> {
  const lost = new Map<string, string>();
  const found = await conditionsOf(deps, tenant, question, by);
  if (found === null) return lost;
  const { reach, conditions } = found;
  const asked = conditions.flatMap(({ writes }) => writes);
  const stored = await storedOf(deps, tenant, reach, asked);
  for (const { text, way, filter, writes } of conditions) {
    const held = await holding(deps, reach, way, { writes, filter, only: filter, stored });
    for (const { key } of writes) if (!held.has(key)) lost.set(key, text);
  }
  return lost;
}

/** What has to be read with what stands there, so that it can be told whether they hold. */
export async function fieldsOfConditions(
  deps: WithinGrantDeps,
  tenant: TenantId,
  question: RightsQuestion,
  by: AskedBy,
): Promise<readonly string[]> {
  const found = await conditionsOf(deps, tenant, question, by);
  if (found === null) return [];
  return nativesAsked(
    found.reach,
    found.conditions.map(({ way, filter }) => ({ ...way, seen: null, written: filter })),
  );
}

/** Null: there are none. What is taken back was allowed once, and new records were judged by what they are made with. */
async function conditionsOf(
  deps: WithinGrantDeps,
  tenant: TenantId,
  question: RightsQuestion,
  by: AskedBy,
): Promise<{ readonly reach: GrantReach; readonly conditions: readonly Condition[] } | null> {
  const { agent, intent, undo, writes } = question;
  const manifest = (await deps.manifests.of(tenant))?.manifest;
  if (intent === null || undo || manifest === undefined) return null;
  const named = (operationOf(manifest, intent)?.preconditions ?? []).filter(({ where }) => where !== null);
  // What is said of records of the model holds for those, whatever else the operation writes.
  const model = intent.slice(0, intent.indexOf('.'));
  const asked = writes.filter((write) => write.recordId !== null && write.model === model);
  if (named.length === 0 || asked.length === 0) return null;
  const reach = await grantReach(deps, tenant, { agent, ...by });
  const [way] = reach === null ? [] : grantWays(reach, question, { model });
  if (reach === null || way === undefined) return null;
  const conditions = named.flatMap(({ text, where }): Condition[] => {
    const all = where === null ? [] : shownParts(reach.caller, way.object, where);
    return all.length === 0 ? [] : [{ text, way, filter: { kind: 'and', all }, writes: asked }];
  });
  return conditions.length === 0 ? null : { reach, conditions };
}

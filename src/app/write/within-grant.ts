import type { JsonObject, TenantId } from '../../kernel/index.ts';
import { holdsOfNew, type RightsQuestion } from '../../write/index.ts';
import {
  grantReach,
  grantWays,
  nativesAsked,
  type AskedBy,
  type GrantReach,
  type GrantReachDeps,
  type GrantWay,
} from './grant-ways.ts';
import { holding, holdsOf, isOwn, storedOf, type AskedWrite, type HoldingDeps } from './holding.ts';

export interface WithinGrantDeps extends GrantReachDeps, HoldingDeps {}

/** What has to be read with what stands there, so that the conditions of the grant can be held against it. */
export async function fieldsOfGrant(
  deps: GrantReachDeps,
  tenant: TenantId,
  question: RightsQuestion,
  by: AskedBy,
): Promise<readonly string[]> {
  const reach = await grantReach(deps, tenant, { agent: question.agent, ...by });
  if (reach === null) return [];
  return nativesAsked(
    reach,
    inGrant(question).flatMap((write) => grantWays(reach, question, write)),
  );
}

/** What a person wants taken back needs no grant of an agent. */
const inGrant = ({ undo, writes }: RightsQuestion): readonly AskedWrite[] =>
  undo ? writes.filter(({ undoFor }) => undoFor === 'agent') : writes;

/**
 * Keys of the writes whose record is not, or not any more, among those that the
 * agent's grant has: as the records were read last, relations included, and
 * once more by what the record itself says at its source at this moment. An
 * undo may bring a record back into what the agent may write, never into what
 * it sees.
 */
export async function outsideGrant(
  deps: WithinGrantDeps,
  tenant: TenantId,
  question: RightsQuestion,
  by: AskedBy,
): Promise<ReadonlySet<string>> {
  const asked = inGrant(question);
  if (asked.length === 0) return new Set();
  const reach = await grantReach(deps, tenant, { agent: question.agent, ...by });
  if (reach === null) return new Set(asked.map(({ key }) => key));
  const within = new Set<string>();
  const old = new Map<string, { readonly way: GrantWay; readonly writes: AskedWrite[] }>();
  for (const write of asked) {
    for (const way of grantWays(reach, question, write)) {
      if (write.recordId === null) {
        if (question.undo || isGrantedNew(deps, way, write)) within.add(write.key);
        continue;
      }
      const entry = old.get(way.object.name) ?? { way, writes: [] };
      entry.writes.push(write);
      old.set(way.object.name, entry);
    }
  }
  const stored = old.size === 0 ? new Map<string, JsonObject>() : await storedOf(deps, tenant, reach, asked);
  for (const { way, writes } of old.values()) {
    const { seen, written } = way;
    const shown = await holding(deps, reach, way, { writes, filter: seen, only: null, stored });
    const open = await holding(deps, reach, way, { writes, filter: written, only: written, stored });
    for (const write of writes) {
      const isOpen = open.has(write.key) || (question.undo && comesBack(deps, reach, way, { write, stored }));
      if (shown.has(write.key) && isOpen) within.add(write.key);
    }
  }
  return new Set(asked.flatMap(({ key }) => (within.has(key) ? [] : [key])));
}

/** As when it was planned: by the values that it is made with. */
function isGrantedNew({ clock }: WithinGrantDeps, { object, written }: GrantWay, { changes }: AskedWrite): boolean {
  if (written === null) return true;
  return holdsOfNew(written, { before: new Map(), changes }, { visible: object }, clock.now());
}

/** An undo restores what makes the record one that the agent may write. */
function comesBack(
  { clock }: WithinGrantDeps,
  { catalogue, stream }: GrantReach,
  { object, written }: GrantWay,
  { write, stored }: { readonly write: AskedWrite; readonly stored: ReadonlyMap<string, JsonObject> },
): boolean {
  const read = catalogue.documents.get(object.name)?.get(stream.stream);
  const before = stored.get(write.recordId ?? '');
  if (written === null || read === undefined || before === undefined) return false;
  const after = read({ ...before, ...write.now, ...write.values });
  const whole = catalogue.objects.get(object.name) ?? object;
  return after.belongs !== false && isOwn(written, after) && holdsOf(written, whole, after, clock.now());
}

import type { JsonObject } from '../kernel/index.ts';
import type { QueuedWrite } from '../store/index.ts';
import type { Batch } from './batch.ts';
import type { RightsQuestion } from './deps.ts';
import { grouped } from './grouped.ts';
import type { Standing } from './images.ts';
import { asRecords } from './new-fields/writes-for.ts';
import { undoIntent } from './operations-of.ts';
import { writeOf } from './plan-row.ts';
import type { Turn } from './turn.ts';

/** What is asked right before a send: one question for each agent, user and operation that the writes are of. */
export function rightsQuestions(
  { turn: { connection } }: Pick<Turn, 'turn'>,
  { target, object, operation, writes }: Pick<Batch, 'target' | 'object' | 'operation' | 'writes'>,
): readonly RightsQuestion[] {
  const askers = grouped(writes, (queued) =>
    JSON.stringify([queued.agent, queued.principal, intentOf(queued), isUndo(queued)]),
  );
  const makes = operation === 'create_field' ? ({ makesFields: true } as const) : {};
  return [...askers.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { agent, principal } = first;
    return [
      {
        connection,
        agent,
        principal,
        object: object.name,
        operation: asRecords(operation),
        intent: intentOf(first),
        undo: isUndo(first),
        signIn: target.principal,
        ...makes,
        writes: own.map(({ content }) => writeOf(content)),
      },
    ];
  });
}

/** Native fields that have to be known as they stand there now, so that the questions can be answered. */
export async function fieldsAsked({ deps, turn }: Turn, questions: readonly RightsQuestion[]): Promise<string[]> {
  const fields = new Set<string>();
  for (const question of questions) {
    for (const field of (await deps.fieldsAsked?.(turn.tenant, question)) ?? []) fields.add(field);
  }
  return [...fields];
}

/** Why a write must not be sent any more. */
export interface Lost {
  readonly code: 'rights_lost' | 'condition_lost';
  readonly why: string;
}

/** By key: what may not be written any more, or not as things are now. */
export async function lostSince(
  { deps, turn }: Turn,
  questions: readonly RightsQuestion[],
  seen: ReadonlyMap<string, JsonObject>,
): Promise<ReadonlyMap<string, Lost>> {
  const lost = new Map<string, Lost>();
  for (const question of questions) {
    const writes = question.writes.map((write) => {
      const now = seen.get(write.key);
      return now === undefined ? write : { ...write, now };
    });
    const asked = { ...question, writes };
    const unmet = (await deps.unmet?.(turn.tenant, asked)) ?? new Map<string, string>();
    for (const [key, why] of unmet) lost.set(key, { code: 'condition_lost', why });
    // Without the right, nobody is told of a condition.
    for (const [key, why] of await deps.unwritable(turn.tenant, asked)) lost.set(key, { code: 'rights_lost', why });
  }
  return lost;
}

/** What stands there, by key, of records that are there. */
export function seenOf(standings: ReadonlyMap<string, Standing>): ReadonlyMap<string, JsonObject> {
  return new Map(
    [...standings].flatMap(([key, { image }]): [string, JsonObject][] =>
      image === null || image.missing ? [] : [[key, image.values]],
    ),
  );
}

/** Of its step, where the plan has several. */
function intentOf({ intent, content }: QueuedWrite): string | null {
  const { intent: own } = writeOf(content);
  return own === undefined ? intent : own;
}

/** It takes back what was allowed once. */
const isUndo = ({ intent, content }: QueuedWrite): boolean =>
  intent === undoIntent || writeOf(content).takesBack !== undefined;

import type { Caller, VisibleObject } from '../../access/index.ts';
import { operandsOf, partsOf, type Filter, type Operand } from '../../filter/index.ts';
import type { Operation } from '../../manifest/index.ts';
import type { UnseenCondition } from '../types.ts';
import { holdsAfter } from './check-after.ts';
import type { Draft, Drafting } from './draft.ts';
import { report } from './problems.ts';
import type { Resolving } from './resolved-record.ts';

/**
 * Conditions of an operation, held against the records as they are. What rests
 * on nothing but what the caller is shown is a problem where it is not so. Of
 * the rest no answer may depend on what stands there: whether it is so is for
 * people, in any case, and returned for them alone.
 */
export async function checkPreconditions(
  resolving: Resolving,
  drafting: Drafting,
  drafts: readonly Draft[],
  operation: Operation | null,
): Promise<readonly UnseenCondition[]> {
  const { ports, asker, visible, notes } = resolving;
  const old = drafts.filter(({ recordId }) => recordId !== null);
  const unseen: UnseenCondition[] = [];
  for (const { text, where } of operation?.preconditions ?? []) {
    if (where === null) continue;
    const parts = partsOf(where);
    const shown = shownParts(asker.caller, visible, where);
    const told = shown.length === 0 ? null : await meeting(resolving, old, shown);
    for (const draft of drafts) {
      const holds =
        draft.recordId === null
          ? holdsAfter(where, draft, drafting, ports.now)
          : told === null || told.has(refOf(draft));
      if (holds) continue;
      report(
        notes,
        { item: draft.item, path: '' },
        {
          code: 'write_precondition_failed',
          message: text,
          fix: 'See to that first, or choose another record.',
        },
      );
    }
    const hidden = parts.filter((part) => !shown.includes(part));
    if (hidden.length === 0 || old.length === 0) continue;
    const holding = await meeting(resolving, old, hidden);
    unseen.push({ text, fails: old.filter((draft) => !holding.has(refOf(draft))).length });
  }
  return unseen;
}

/** References of the records for which all of it holds. */
async function meeting(
  { ports, asker, visible }: Resolving,
  drafts: readonly Draft[],
  all: readonly Filter[],
): Promise<ReadonlySet<string>> {
  const rows = await ports.locate(asker.caller, {
    object: visible.name,
    by: { kind: 'id' },
    wanted: drafts.map(refOf),
    fields: [],
    only: { kind: 'and', all },
  });
  return new Set(rows.map(({ asked }) => asked));
}

const refOf = ({ target: { stream }, recordId }: Draft): string =>
  `${stream.connectionSlug}/${stream.object.name}/${recordId ?? ''}`;

/** Parts of a condition that rest on nothing but what the caller is shown. */
export const shownParts = (
  caller: Pick<Caller, 'objects'>,
  object: VisibleObject,
  condition: Filter,
): readonly Filter[] => partsOf(condition).filter((part) => isShownTo(caller, object, part));

/** Whether the caller could find out by asking whether it holds, of every record that it is shown. */
function isShownTo(caller: Pick<Caller, 'objects'>, object: VisibleObject, filter: Filter): boolean {
  return operandsOf(filter).every((operand) => isOperandShown(caller, object, operand));
}

function isOperandShown({ objects }: Pick<Caller, 'objects'>, object: VisibleObject, operand: Operand): boolean {
  if (operand.kind === 'path') return isPathShown(objects, object, operand.path.split('.'));
  const relation = object.many.get(operand.relation);
  const related = relation === undefined ? undefined : objects.get(relation.object);
  if (related === undefined || !isWhole(related)) return false;
  const named = operand.field === null || isPathShown(objects, related, operand.field.split('.'));
  return named && (operand.where === null || isShownTo({ objects }, related, operand.where));
}

/** Other records count only where none of them is hidden from the caller. */
function isPathShown(objects: Caller['objects'], object: VisibleObject, names: readonly string[]): boolean {
  const [name = '', ...rest] = names;
  const field = object.fields.get(name);
  if (field === undefined || !isSame(object, name)) return false;
  if (rest.length === 0) return true;
  const target = field.reference === null ? undefined : objects.get(field.reference.to);
  return target !== undefined && isWhole(target) && isPathShown(objects, target, rest);
}

const isWhole = ({ rowFilter, restricted }: VisibleObject): boolean =>
  rowFilter === null && restricted?.limited !== true;

/** What the caller is shown in the field is what stands there: no system's rights make it look otherwise. */
const isSame = ({ restricted, fields, merge }: VisibleObject, name: string): boolean =>
  restricted === undefined ||
  (!restricted.changed.has(fields.get(name)?.column ?? name) &&
    ![...restricted.masked.values()].some((masked) => masked.has(name)) &&
    !(merge !== undefined && restricted.limited));

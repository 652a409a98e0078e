import { shownClasses, type VisibleObject } from '../../access/index.ts';
import { matches, operandsOf, valueKindOf, type Filter } from '../../filter/index.ts';
import { GantryError, limits } from '../../kernel/index.ts';
import type { DocumentValues } from '../../mapping/index.ts';
import type { CompileContext } from '../compile/context.ts';
import type { GoneDocument, QueryDeps } from '../deps.ts';
import { referenceOf } from '../references.ts';
import { historyStart } from './keep.ts';
import { withoutLiving, type GoneRecord } from './living-rows.ts';

/**
 * References of the object's records that are gone since then and that the
 * caller could see while they lived, judged by what they last were. What cannot
 * be judged from the record alone is not named: its name could be a secret.
 */
export async function deletedRefs(
  deps: QueryDeps,
  context: CompileContext,
  object: VisibleObject,
  since: Date,
): Promise<string[]> {
  const { scope, warnings } = context;
  const start = historyStart(scope, context.ruleNow);
  if (since < start) {
    warnings.add(
      `Deletions before ${start.toISOString().slice(0, 10)} are not known any more: compare the whole list.`,
    );
  }
  // Of a merged object, the rule looked at values of other systems' records too.
  if (object.rowFilter !== null && (object.merge !== undefined || !isOwn(object.rowFilter))) {
    warnings.add(
      'The rule that limits your records looks at related ones, so that deleted records are not named: compare the whole list.',
    );
    return [];
  }
  const found = await goneSeen(deps, context, object, since < start ? start : since);
  if (found.length > limits.deletedRefsMax) {
    warnings.add(`More than ${limits.deletedRefsMax} records were deleted; compare the whole list.`);
  }
  const reference = referenceOf(object);
  const seen = found.slice(0, limits.deletedRefsMax);
  const named = await withoutLiving(deps.lens, context, object, seen);
  if (named.length < seen.length) {
    warnings.add(
      'Records that were deleted in one system and match records of others are not named: those rows live on, maybe under another `_ref`.',
    );
  }
  return named.map(({ stream, id }) => reference(stream, id));
}

/**
 * Up to one more than are named. What the caller could not see counts nowhere:
 * that there were too many to name would tell how many of those were deleted.
 */
async function goneSeen(
  deps: QueryDeps,
  context: CompileContext,
  object: VisibleObject,
  since: Date,
): Promise<GoneRecord[]> {
  const streams = object.sources.map(({ stream }) => ({ stream, classes: shownClasses(context.caller, stream) }));
  const readers = context.scope.documents.get(object.name);
  const limit = limits.deletedRefsMax + 1;
  const seen: GoneRecord[] = [];
  let after: GoneDocument | null = null;
  for (;;) {
    const page: readonly GoneDocument[] = await deps.past.gone(context.caller.tenant, { streams, since, after, limit });
    for (const { stream, id, doc } of page) {
      const read = readers?.get(stream)?.(doc);
      if (read?.belongs === true && couldSee(context, object, read)) seen.push({ stream, id, keys: read.keys });
    }
    after = page.at(-1) ?? null;
    if (page.length < limit || seen.length >= limit) return seen.slice(0, limit);
  }
}

const isOwn = (filter: Filter): boolean =>
  operandsOf(filter).every((operand) => operand.kind === 'path' && !operand.path.includes('.'));

function couldSee(context: CompileContext, object: VisibleObject, { values }: DocumentValues): boolean {
  if (object.rowFilter === null) return true;
  const fields = context.scope.objects.get(object.name)?.fields;
  try {
    return matches(object.rowFilter, {
      now: context.ruleNow,
      where: object.name,
      read: (operand) => {
        const name = operand.kind === 'path' ? operand.path : operand.relation;
        const field = fields?.get(name);
        const value = values.get(name);
        if (field === undefined || value === undefined) throw unknown(name);
        return { kind: valueKindOf(field.type), value };
      },
    });
  } catch (error) {
    if (error instanceof GantryError) return false;
    throw error;
  }
}

/** Never leaves this file: what the rule needs is not known. */
const unknown = (name: string): GantryError =>
  new GantryError('access_rule_invalid', { message: `${name} cannot be told from the record alone` });

import { GantryError } from '../../kernel/index.ts';
import type { NativeObjectSummary } from '../../schema/index.ts';
import { textAt } from '../kit/answer-values.ts';
import type { Declaration } from '../kit/declaration.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { odooCall, rowsOf } from './call.ts';

/**
 * All models that have a table of their own and that the connected user may
 * read. ir.model lists them for every internal user; which of them the user
 * may read is told by the web client's own method, where the version has it
 * (16 and later). Before that, describing a forbidden model says so.
 */
export async function listObjects(context: SessionContext): Promise<NativeObjectSummary[]> {
  const models = await odooCall(context, 'ir.model', 'search_read', {
    domain: [['transient', '=', false]],
    fields: ['model', 'name', 'state'],
    order: 'model',
  });
  const readable = await readableModels(context);
  return rowsOf(models, 'ir.model').flatMap((row) => {
    const name = textAt(row, 'model');
    if (name === null) return [];
    const custom = row['state'] === 'manual';
    const replicable = (custom || isBusiness(context.declaration, name)) && (readable?.has(name) ?? true);
    return [{ name, label: textAt(row, 'name') ?? name, custom, replicable }];
  });
}

/** By declared rules; exported for its test. */
export function isBusiness({ discovery }: Pick<Declaration, 'discovery'>, model: string): boolean {
  const { keep = [], skip = [], skip_prefixes: prefixes = [], skip_suffixes: suffixes = [] } = discovery;
  if (keep.includes(model)) return true;
  if (skip.includes(model) || suffixes.some((suffix) => model.endsWith(suffix))) return false;
  // `mail.` stands for the model `mail` of that family, too.
  return !prefixes.some((prefix) => model.startsWith(prefix) || model === prefix.slice(0, -1));
}

const UNKNOWN_METHOD = new Set(['upstream_object_missing', 'upstream_refused', 'upstream_forbidden']);

/** Models that the connected user may read; null where the version does not tell. */
export async function readableModels(context: SessionContext): Promise<ReadonlySet<string> | null> {
  try {
    const answer = await odooCall(context, 'ir.model', 'get_available_models', {});
    return new Set(rowsOf(answer, 'ir.model').flatMap((row) => textAt(row, 'model') ?? []));
  } catch (error) {
    if (error instanceof GantryError && UNKNOWN_METHOD.has(error.code)) return null;
    throw error;
  }
}

import { GantryError, isJsonObject, type Json, type JsonObject } from '../../../kernel/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { WriteRefusal } from '../../writes.ts';
import { requestOf } from '../call.ts';
import { refusalOfFault } from './refusals.ts';

/** What came of a call that is one transaction there. */
export type Done =
  | { readonly kind: 'done'; readonly result: Json }
  /** Nothing of it stands. */
  | { readonly kind: 'refused'; readonly refusal: WriteRefusal }
  | { readonly kind: 'unknown' };

export interface WriteCall {
  readonly model: string;
  readonly method: 'create' | 'write' | 'unlink';
  readonly params: JsonObject;
  /** As in `OdooCall`. */
  readonly first: string;
}

/**
 * Sends once, in the customer's dialect. An exception of Odoo's says that its
 * transaction was taken back, whatever the HTTP status; of everything else
 * that is no result nobody knows. Raises where surely nothing was taken.
 */
export async function writeOnce(
  context: SessionContext,
  { model, method, params, first }: WriteCall,
  beforeSend: () => Promise<void>,
): Promise<Done> {
  const request = await requestOf(context, { model, method, params, first });
  const accept = (_status: number, body: Json): boolean => faultOf(body) !== null;
  try {
    const { body } = await context.http({ ...request, accept, once: { beforeSend } });
    const known = faultOf(body);
    if (known !== null) return { kind: 'refused', refusal: known };
    return isJsonObject(body) && body['result'] !== undefined
      ? { kind: 'done', result: body['result'] }
      : { kind: 'unknown' };
  } catch (error) {
    if (error instanceof GantryError && error.details.data?.['taken'] === 'unknown') return { kind: 'unknown' };
    throw error;
  }
}

function faultOf(body: Json): WriteRefusal | null {
  const name = textAt(body, 'fault.name');
  return name === null ? null : refusalOfFault(name, textAt(body, 'fault.message') ?? '');
}

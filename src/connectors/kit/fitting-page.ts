import { GantryError } from '../../kernel/index.ts';
import type { SessionContext } from './declared-connector.ts';

/** A stretch of an object that can be asked for in pages of different sizes. */
export interface Stretch<Page> {
  readonly object: string;
  /** The most records that the provider puts into one answer. */
  readonly sizeMax: number;
  /** The page of that many records from where reading stands; null where it ends at the place where it began. */
  readonly read: (size: number) => Promise<Page | null>;
}

/**
 * Reads a stretch with as many records as fit into one answer: one that is too
 * large is asked for again with half of them, down to a single record. Pages
 * after it grow back step by step: one large record does not slow the rest,
 * and many large ones do not cost a row of futile calls each.
 *
 * Raises `upstream_too_large`, with the object's name, where even the smallest
 * page is too large, and `upstream_malformed` where the provider does not move
 * on; the cursor that the caller holds stays good.
 */
export async function readFittingPage<Page>(
  { declaration, pageSizes }: Pick<SessionContext, 'declaration' | 'pageSizes'>,
  { object, sizeMax, read }: Stretch<Page>,
): Promise<Page> {
  let size = Math.min(sizeMax, pageSizes.get(object) ?? sizeMax);
  // A feed by time needs pages larger than the records of one moment: the size that works is between these two.
  let tooSmall = 0;
  let tooLarge = sizeMax + 1;
  let refusal: GantryError | null = null;
  for (;;) {
    try {
      const page = await read(size);
      if (page !== null) {
        pageSizes.set(object, Math.min(sizeMax, size * 2));
        return page;
      }
      tooSmall = size;
    } catch (error) {
      if (!(error instanceof GantryError) || error.code !== 'upstream_too_large') throw error;
      tooLarge = size;
      refusal = error;
    }
    if (tooLarge - tooSmall <= 1)
      throw refusal === null ? stuck(object) : doesNotFit(declaration.title, object, refusal);
    size = Math.floor((tooSmall + tooLarge) / 2);
  }
}

function doesNotFit(title: string, object: string, { details }: GantryError): GantryError {
  return new GantryError('upstream_too_large', {
    message: `The next record of "${object}" in ${title} is larger than one answer may be; reading waits in front of it.`,
    ...(details.where === undefined ? {} : { where: details.where }),
    data: { ...details.data, object },
  });
}

function stuck(object: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `The provider says that there is more of "${object}", but names the place that was just read.`,
    data: { class: 'malformed_response', object },
  });
}

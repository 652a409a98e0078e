import type { Json } from '../kernel/index.ts';
import type { CatalogueObject, CatalogueSource } from '../mapping/index.ts';

/** `crm/Opportunity/`: what `_ref` values of the stream start with. */
export const refPrefix = (source: CatalogueSource): string => `${source.connectionSlug}/${source.nativeObject}/`;

/** Turns `_stream` and `_id` of a row into its `_ref`. */
export function referenceOf(object: CatalogueObject): (stream: Json | undefined, id: Json | undefined) => string {
  const prefixes = new Map<Json | undefined, string>(
    object.sources.map((source) => [source.stream as number, refPrefix(source)]),
  );
  return (stream, id) => {
    const prefix = prefixes.get(stream);
    if (prefix === undefined || typeof id !== 'string') throw new Error(`a row of ${object.name} has no known stream`);
    return prefix + id;
  };
}

/** A reference taken apart, where it is one of this object's. */
export function readReference(
  object: CatalogueObject,
  text: string,
): { readonly source: CatalogueSource; readonly id: string } | null {
  for (const source of object.sources) {
    const prefix = refPrefix(source);
    if (text.startsWith(prefix)) return { source, id: text.slice(prefix.length) };
  }
  return null;
}

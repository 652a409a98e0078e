import type { VisibleObject } from '../../access/index.ts';
import type { StreamId } from '../../kernel/index.ts';
import type { DocumentReader } from '../../mapping/index.ts';

/** The reader of a stream's documents, to which fields that are hidden there have no values. */
export function shownReader({ restricted }: VisibleObject, stream: StreamId, reader: DocumentReader): DocumentReader {
  const masked = restricted?.masked.get(stream);
  if (masked === undefined || masked.size === 0) return reader;
  return (document) => {
    const read = reader(document);
    const values = [...read.values].map(([name, value]) => [name, masked.has(name) ? null : value] as const);
    return { ...read, values: new Map(values) };
  };
}

import type { RecordWriter, TenantStream } from '../../mapping/index.ts';

/** Native fields that are written of the records of one object. */
export interface WrittenFields {
  readonly isOf: (stream: TenantStream) => boolean;
  readonly natives: ReadonlySet<string>;
}

/**
 * Pure. Native fields as `native:<field>`, and every model field that shows one
 * of them, plainly and with its model: a rule about a field holds in whatever
 * words it is written.
 */
export function writtenFields(
  writers: ReadonlyMap<string, readonly RecordWriter[]>,
  written: readonly WrittenFields[],
): string[] {
  const fields = new Set<string>();
  for (const { natives } of written) for (const name of natives) fields.add(`native:${name}`);
  for (const [model, all] of writers) {
    for (const writer of all) {
      const own = written.find(({ isOf }) => isOf(writer.stream))?.natives;
      if (own === undefined) continue;
      for (const [name, inverse] of writer.fields) {
        if ((inverse.kind !== 'value' && inverse.kind !== 'lookup') || !own.has(inverse.field.name)) continue;
        fields.add(name);
        fields.add(`${model}.${name}`);
      }
    }
  }
  return [...fields];
}

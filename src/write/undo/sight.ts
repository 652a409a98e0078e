import type { ConnectionId } from '../../kernel/index.ts';
import { isHiddenNative, isShown } from '../plan/field-place.ts';
import type { Asker, PlanPorts } from '../plan/ports.ts';

/** What whoever asks for an undo may be told of an object's records. */
export interface Sight {
  /** Ids among those asked for; what is not here yet is not among them. */
  readonly records: ReadonlySet<string>;
  /** Native fields that it is shown, under whatever name. */
  readonly fields: ReadonlySet<string>;
  /** Whether the source hides a native field from the user in whose name it is asked. */
  readonly hides: (native: string) => boolean;
}

export type UndoSight = (about: {
  readonly connection: ConnectionId;
  /** Native. */
  readonly object: string;
  readonly recordIds: readonly string[];
}) => Promise<Sight>;

/**
 * As an agent sees things at this moment: undoing asks the source, maybe by a
 * sign-in that sees more than the user, and looks at native records where the
 * agent may only know a model.
 */
export function undoSight(asker: Asker, { locate }: Pick<PlanPorts, 'locate'>): UndoSight {
  const { caller, streams, writers } = asker;
  return async ({ connection, object, recordIds }) => {
    const found = streams.find((each) => each.connection === connection && each.object.name === object);
    if (found === undefined) return { records: new Set(), fields: new Set(), hides: () => true };
    const { stream, connectionSlug } = found;
    const prefix = `${connectionSlug}/${object}/`;
    const records = new Set<string>();
    const fields = new Set<string>();
    for (const visible of caller.objects.values()) {
      if (!visible.sources.some((source) => source.stream === stream)) continue;
      const shown = [...visible.fields.values()].filter(({ name }) => isShown(visible, stream, name));
      const writer = writers.get(visible.name)?.find((each) => each.stream.stream === stream);
      for (const { name, nativeName } of shown) {
        const inverse = writer?.fields.get(name);
        if (visible.kind === 'native') fields.add(nativeName ?? name);
        else if (inverse?.kind === 'value' || inverse?.kind === 'lookup') fields.add(inverse.field.name);
      }
      // What a service made a moment ago need not be here yet: all of it is shown.
      if (caller.principal === null && visible.rowFilter === null) for (const id of recordIds) records.add(id);
      const wanted = recordIds.filter((id) => !records.has(id)).map((id) => prefix + id);
      if (wanted.length === 0) continue;
      const rows = await locate(caller, { object: visible.name, by: { kind: 'id' }, wanted, fields: [] });
      for (const { asked } of rows) records.add(asked.slice(prefix.length));
    }
    return { records, fields, hides: (native) => isHiddenNative(asker, stream, native) };
  };
}

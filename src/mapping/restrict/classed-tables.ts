import type { StreamId } from '../../kernel/index.ts';
import type { CatalogueObject } from '../catalogue.ts';
import { streamsFor } from '../view-select.ts';
import { classesSql } from './classes-sql.ts';
import { isHiddenWhole, type Sights } from './sights.ts';

/** A table of records of which somebody is shown those of some access classes only. */
export interface ClassedTable {
  readonly stream: StreamId;
  /** Quoted name in the lens: `"crm"."Opportunity"`. */
  readonly relation: string;
  /** Holds for the records that are shown; of others it may hold or be unknown, but is never true. */
  readonly shown: string;
}

/**
 * The tables that decide what is to be shown of an object, where classes are
 * all that limits it: while none of them holds a record of another class,
 * these sights leave out no record. Null where something else does, such as a
 * system of which nothing is shown. `object` is the one of the catalogue.
 */
export function classedTables(
  object: CatalogueObject,
  objects: ReadonlyMap<string, CatalogueObject>,
  sights: Sights,
): readonly ClassedTable[] | null {
  const all = new Set((object.parts ?? []).flatMap(({ columns }) => columns.map(({ name }) => name)));
  const tables: ClassedTable[] = [];
  for (const stream of streamsFor(object, all)) {
    const sight = sights.get(stream);
    if (sight === undefined || isHiddenWhole(sight)) return null;
    const shown = classesSql('"_acl"', sight.classes);
    if (shown === null) continue;
    const relation = tableOf(stream, objects);
    if (relation === null) return null;
    tables.push({ stream, relation, shown });
  }
  return tables;
}

function tableOf(stream: StreamId, objects: ReadonlyMap<string, CatalogueObject>): string | null {
  for (const { kind, sources, relation } of objects.values()) {
    if (kind === 'native' && sources[0]?.stream === stream) return relation;
  }
  return null;
}

import * as z from 'zod';
import type { Caller } from '../../access/index.ts';
import { defineTool, readOnly } from './define-tool.ts';
import type { ConnectionSummary } from './tool.ts';

export const listConnections = defineTool({
  name: 'list_connections',
  title: 'List connections',
  description:
    'The connected systems: health, how fresh each object is, first load still running or not. Use when data seems missing or old.',
  args: z.strictObject({
    system: z.string().min(1).max(100).exactOptional(),
  }),
  outputSchema: null,
  annotations: readOnly,
  run: async ({ services, caller }, { system }) => {
    const all = await services.connections(caller.tenant);
    const visible = visibleConnections(caller, all);
    const wanted = visible.filter((one) => system === undefined || one.system === system || one.connection === system);
    return { connections: wanted };
  },
});

/**
 * Only what feeds an object that the caller sees, or would if somebody knew what it may see there; no count where the
 * caller sees some of the records or fields only.
 */
function visibleConnections(caller: Caller, all: readonly ConnectionSummary[]): ConnectionSummary[] {
  const whole = sourceKeys(caller, (rowsLimited) => !rowsLimited);
  const limited = sourceKeys(caller, (rowsLimited) => rowsLimited);
  const withheld = withheldKeys(caller);
  const shown: ConnectionSummary[] = [];
  for (const connection of all) {
    const objects = connection.objects.flatMap((object) => {
      const key = sourceKey(connection.connection, object.object);
      // Which fields a model has is told by describe, to those who may know them.
      const { left_out: _, unmatched: __, ...rest } = object;
      if (whole.has(key)) return [rest];
      const uncounted = { ...rest, records: null, expected: null, set_aside: null };
      if (limited.has(key)) return [uncounted];
      const problem = withheld.get(key);
      return problem === undefined ? [] : [{ ...uncounted, problem }];
    });
    if (objects.length > 0) shown.push({ ...connection, objects });
  }
  return shown;
}

function sourceKeys(caller: Caller, wanted: (rowsLimited: boolean) => boolean): Set<string> {
  const objects = [...caller.objects.values()].filter((object) =>
    wanted(object.rowFilter !== null || object.restricted !== undefined),
  );
  return new Set(
    objects.flatMap(({ sources }) => sources.map((one) => sourceKey(one.connectionSlug, one.nativeObject))),
  );
}

/** What to do about systems of which nobody knows what the user may see. */
function withheldKeys({ withheld }: Caller): Map<string, string> {
  return new Map(
    [...withheld.values()]
      .flat()
      .map(({ source, rights }) => [
        sourceKey(source.connectionSlug, source.nativeObject),
        `It is not known what the user may see of it. ${rights.fix}`,
      ]),
  );
}

// A slug holds no slash, so the key is unambiguous.
const sourceKey = (connection: string, object: string): string => `${connection}/${object}`;

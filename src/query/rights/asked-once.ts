import type { StreamId } from '../../kernel/index.ts';
import type { QueryParts } from '../deps.ts';

/** The same, for one question: no source is asked about a record twice, whichever way the question leads to it. */
export function askingOnce(deps: QueryParts): QueryParts {
  const { access } = deps;
  if (access === undefined) return deps;
  const known = new Map<StreamId, Map<string, boolean>>();
  return {
    ...deps,
    access: {
      refreshed: (request) => access.refreshed(request),
      withinShownFields: (request) => access.withinShownFields(request),
      async visibleNow(request) {
        const told = known.get(request.stream) ?? new Map<string, boolean>();
        known.set(request.stream, told);
        const ids = request.ids.filter((id) => !told.has(id));
        if (ids.length > 0) {
          const shown = await access.visibleNow({ ...request, ids });
          if (shown === null) return null;
          for (const id of ids) told.set(id, shown.has(id));
        }
        return new Set(request.ids.filter((id) => told.get(id) === true));
      },
    },
  };
}

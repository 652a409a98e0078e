import * as z from 'zod';
import { limits, type JsonObject } from '../../kernel/index.ts';
import { cleanDescription, cleanLabel } from '../../mapping/index.ts';
import { fillParams, type SavedQuery, type SavedQueryParam } from '../../query/index.ts';
import { defineTool, readOnly } from './define-tool.ts';
import { toolNames } from './names.ts';
import { queryRecords } from './query-records.ts';
import type { CallerContext, Tool } from './tool.ts';

/**
 * The caller's saved queries as tools: each asks what somebody thought through,
 * with the caller's own rights. One about an object that this caller does not
 * have is no tool here.
 */
export function savedQueryTools({ caller, scope }: CallerContext): readonly Tool[] {
  if (caller.savedQueries.size === 0) return [];
  const declared = scope.policies?.savedQueries;
  return [...caller.savedQueries]
    .flatMap((name) => declared?.get(name) ?? [])
    .filter(
      ({ name, query: { object } }) => !isBuiltIn(name) && typeof object === 'string' && caller.objects.has(object),
    )
    .slice(0, limits.savedQueriesMax)
    .map(toolOf);
}

const isBuiltIn = (name: string): boolean => toolNames.some((known) => known === name);

function toolOf(saved: SavedQuery): Tool {
  const known = made.get(saved);
  if (known !== undefined) return known;
  const params = [...saved.params.values()];
  const tool = defineTool({
    name: saved.name,
    title: cleanLabel(saved.title),
    description: cleanDescription(saved.why),
    args: z.strictObject({
      cursor: z.string().exactOptional(),
      ...Object.fromEntries(params.map((param) => [param.name, argument(param)])),
    }),
    outputSchema: null,
    annotations: readOnly,
    run: (context, args) => {
      const given = args as JsonObject;
      const filled = fillParams(saved.query, (name) =>
        Object.hasOwn(given, name) ? (given[name] ?? null) : (saved.params.get(name)?.default ?? null),
      );
      const page = saved.params.has('cursor') || given['cursor'] === undefined ? {} : { cursor: given['cursor'] };
      return queryRecords.run(context, { ...(filled as JsonObject), ...page });
    },
  });
  made.set(saved, tool);
  return tool;
}

// A project in force is the same object for every call.
const made = new WeakMap<SavedQuery, Tool>();

function argument(param: SavedQueryParam): z.ZodType {
  const plain = valueOf(param);
  const described = param.why === null ? plain : plain.describe(cleanDescription(param.why));
  return param.default === null ? described : described.exactOptional();
}

function valueOf({ type, values }: SavedQueryParam): z.ZodType {
  switch (type) {
    case 'boolean':
      return z.boolean();
    case 'integer':
      return z.int();
    case 'number':
      return z.number();
    case 'date':
      return z.string().refine((text) => isDay(text), 'not a date such as 2026-11-20');
    case 'datetime':
      return z.string().refine((text) => isMoment(text), 'not a moment such as 2026-11-20T08:30:00Z');
    case 'enum':
      return z.enum(values ?? []);
    case 'string':
      return z.string().min(1).max(limits.savedQueryTextCharsMax);
  }
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  Number.isFinite(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text);

const isMoment = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) && Number.isFinite(Date.parse(text));

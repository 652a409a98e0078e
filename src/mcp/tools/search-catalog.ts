import * as z from 'zod';
import { defineTool, readOnly } from './define-tool.ts';

export const searchCatalog = defineTool({
  name: 'search_catalog',
  title: 'Search the catalogue',
  description:
    'Finds objects and fields by words, over all connected systems. Start here when you do not know a name; then describe it.',
  args: z.strictObject({
    query: z.string().min(1).max(200),
    kind: z.enum(['object', 'field', 'any']).exactOptional(),
    limit: z.int().min(1).max(50).exactOptional(),
  }),
  outputSchema: null,
  annotations: readOnly,
  run: ({ services, caller, scope }, args) => services.query.searchCatalog(caller, scope, args),
});

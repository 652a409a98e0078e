/** The REST address of each tool that has one of its own; every tool is also at POST /v1/tools/{name}. */
export const toolRoutes = [
  { tool: 'query_records', method: 'post', path: '/v1/query' },
  { tool: 'query_sql', method: 'post', path: '/v1/sql' },
  { tool: 'get_record', method: 'post', path: '/v1/records/get' },
  { tool: 'search_catalog', method: 'post', path: '/v1/catalog/search' },
  { tool: 'describe', method: 'post', path: '/v1/describe' },
] as const;

import type { PlantedDefect } from './types.ts';

const http = 'test/mcp/http.test.ts';
const tools = 'test/mcp/tools.test.ts';
const listChanged = 'test/mcp/list-changed.test.ts';
const events = 'test/mcp/events.test.ts';
const hostile = 'test/mcp/hostile-input.test.ts';
const tasks = 'test/mcp/plan-tasks.test.ts';

export const mcpDefects: PlantedDefect[] = [
  {
    name: 'a client that knows no tasks is given one',
    file: 'src/mcp/server/mcp-server.ts',
    find: 'declaresTasks(ctx) ? taskInstead(context, params.name, outcome) : null',
    replace: 'taskInstead(context, params.name, outcome)',
    suite: tasks,
  },
  {
    name: 'a plan that nobody committed can be waited for as a task',
    file: 'src/mcp/tools/plan-tasks.ts',
    find: 'prepared: null',
    replace: "prepared: 'working'",
    suite: tasks,
  },
  {
    name: 'cancelling a task asks for its status first, and counts twice',
    file: 'src/mcp/server/task-methods.ts',
    find: '    requireTasks(ctx);\n    // One call, of the rate',
    replace: '    await found(ctx, taskId);\n    // One call, of the rate',
    suite: tasks,
  },
  {
    name: 'a plan that nobody committed can be cancelled as a task',
    file: 'src/app/write/write-tools.ts',
    find: "?.state === 'prepared') throw notCommitted(id);",
    replace: "?.state === 'proposed') throw notCommitted(id);",
    suite: tasks,
  },
  {
    name: 'a tool that the grant does not name runs when called',
    file: 'src/mcp/tools/tool-door.ts',
    find: 'one.name === name && caller.tools.has(one.name)',
    replace: 'one.name === name',
    suite: http,
  },
  {
    name: 'a page that rebinds its DNS name reaches the endpoint',
    file: 'src/mcp/server/endpoint.ts',
    find: "if (!validateHostHeader(request.headers.get('host'), hosts).ok) throw hostRefused('Host');",
    replace: '',
    suite: http,
  },
  {
    name: 'invisible characters of providers reach the model',
    file: 'src/mcp/tools/clean.ts',
    find: "if (typeof value === 'string') return cleanText(value);",
    replace: "if (typeof value === 'string') return value;",
    suite: tools,
  },
  {
    name: 'a misspelt argument is ignored',
    file: 'src/mcp/tools/query-records.ts',
    find: 'args: z.strictObject({',
    replace: 'args: z.object({',
    suite: tools,
  },
  {
    name: 'a filter loses a key that the schema passes over',
    file: 'src/mcp/tools/read-arguments.ts',
    find: 'if (lost === null) return result.data;',
    replace: 'if (lost !== undefined) return result.data;',
    suite: tools,
  },
  {
    name: 'a saved query answers agents that do not have it',
    file: 'src/mcp/tools/saved-query.ts',
    find: 'return [...caller.savedQueries]',
    replace: 'return [...(declared?.keys() ?? [])]',
    suite: 'test/mcp/saved-queries.test.ts',
  },
  {
    name: 'a saved query takes arguments that it does not declare',
    file: 'src/mcp/tools/saved-query.ts',
    find: 'args: z.strictObject({',
    replace: 'args: z.looseObject({',
    suite: 'test/mcp/saved-queries.test.ts',
  },
  {
    name: 'clients that listen are not told that their tools changed',
    file: 'src/mcp/server/tool-list-watch.ts',
    find: 'if (next === fingerprint) continue;',
    replace: "if (next !== '') continue;",
    suite: listChanged,
  },
  {
    name: 'a key that was taken back goes on listening',
    file: 'src/mcp/server/tool-list-watch.ts',
    find: 'for (const stream of streams) stream.end();',
    replace: '',
    suite: listChanged,
  },
  {
    name: 'wrong params are called an internal error',
    file: 'src/mcp/server/mcp-server.ts',
    find: "server.setRequestHandler('tools/list', { params: page }, async () => {",
    replace: "server.setRequestHandler('tools/list', async () => {",
    suite: hostile,
  },
  {
    name: 'the endpoint reads bodies of any size',
    file: 'src/mcp/server/protocol.ts',
    find: 'maxRequestBodySize: limits.doorBodyBytesMax,',
    replace: 'maxRequestBodySize: 1e9,',
    suite: hostile,
  },
  {
    name: 'clients are promised subscriptions where nobody could hear them',
    file: 'src/mcp/server/http.ts',
    find: "followsEvents: followEvents !== undefined && generation === 'modern',",
    replace: 'followsEvents: followEvents !== undefined,',
    suite: events,
  },
  {
    name: 'a key follows as many links to events as it likes',
    file: 'src/mcp/server/event-streams.ts',
    find: 'own > limits.eventStreamsPerKeyMax',
    replace: 'own < 0',
    suite: events,
  },
  {
    name: 'invisible characters of providers reach the model in events',
    file: 'src/mcp/server/event-streams.ts',
    find: 'tell(uri, cleanJson(item.payload) as JsonObject);',
    replace: 'tell(uri, item.payload);',
    suite: events,
  },
  {
    name: 'a writer does not wait for a slow reader',
    file: 'src/mcp/server/turnstile.ts',
    find: 'if (!signal.aborted) isOpen = false;',
    replace: '',
    suite: events,
  },
];

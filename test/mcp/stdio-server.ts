import { serveMcpStdio } from '../../src/mcp/index.ts';
import { callerContext, hurried, testDoor } from './fixture.ts';

/**
 * A whole process that speaks MCP on stdin and stdout; its first argument is a list of granted tools, or `revoked`, or
 * `growing`: another tool is granted after the first call.
 */
const [, , mode] = process.argv;
const { door, query } = testDoor();
const before = callerContext(mode === 'growing' ? { tools: ['describe'] } : { tools: mode?.split(',') });
const after = callerContext({ tools: ['describe', 'query_sql'] });
serveMcpStdio({
  door,
  version: '0.0.0-test',
  clock: hurried,
  caller: async () => {
    if (mode === 'revoked') return null;
    return mode === 'growing' && query.asked.length > 0 ? after : before;
  },
});

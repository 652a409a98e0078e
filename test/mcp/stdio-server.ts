import { serveMcpStdio } from '../../src/mcp/index.ts';
import { callerContext, testDoor } from './fixture.ts';

/** A whole process that speaks MCP on stdin and stdout; its first argument is a list of granted tools, or `revoked`. */
const revoked = process.argv[2] === 'revoked';
const tools = process.argv[2]?.split(',');
const context = callerContext(tools === undefined ? {} : { tools });
serveMcpStdio({ door: testDoor().door, version: '0.0.0-test', caller: async () => (revoked ? null : context) });

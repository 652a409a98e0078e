import { GantryError, principalIn, systemRandom, type RequestFrom } from '../../kernel/index.ts';
import { serveMcpStdio, type FollowEvents } from '../../mcp/index.ts';
import { version } from '../../app/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withGantry } from '../with-gantry.ts';

/** The client is gone when it closes our input. */
function stdinEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.once('end', () => resolve());
    process.stdin.once('close', () => resolve());
  });
}

const usage = 'mcp [--on-behalf-of USER]';

/** MCP over stdin and stdout, for clients that start their servers themselves. The key is in `GANTRY_API_KEY`. */
export const mcp: Command = {
  name: 'mcp',
  usage,
  summary: 'speak MCP over stdin and stdout, as the agent of GANTRY_API_KEY, in the name of a user',
  run: async ({ args, env, untilAsked }) => {
    const read = readArguments(args, usage, { 'on-behalf-of': { type: 'string' } });
    const user = read.values['on-behalf-of'];
    const from: RequestFrom = { principal: typeof user === 'string' ? principalIn(user) : null, address: null };
    const key = env['GANTRY_API_KEY'];
    if (key === undefined || key === '') {
      throw new GantryError('config_invalid', {
        message: 'Over stdio the agent is named by its key, and there is none.',
        where: 'GANTRY_API_KEY',
        fix: 'Set it to a key from `gantry key create`.',
      });
    }
    return withGantry(env, async ({ door, callers, followEvents }) => {
      if ((await callers.find(key, from)) === null) {
        throw new GantryError('unauthenticated', {
          message: 'The key is unknown, expired or revoked.',
          where: 'GANTRY_API_KEY',
          fix: 'Set it to a key from `gantry key create`.',
        });
      }
      const follow: FollowEvents = (_, wish, signal) => followEvents(key, wish, signal, from);
      const events = { follow, random: systemRandom };
      const server = serveMcpStdio({ door, version, events, caller: () => callers.find(key, from) });
      await Promise.race([untilAsked(), stdinEnd()]);
      await server.close();
      return 0;
    });
  },
};

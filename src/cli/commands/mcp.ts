import { GantryError, systemRandom } from '../../kernel/index.ts';
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

/** MCP over stdin and stdout, for clients that start their servers themselves. The key is in `GANTRY_API_KEY`. */
export const mcp: Command = {
  name: 'mcp',
  usage: 'mcp',
  summary: 'speak MCP over stdin and stdout, as the agent of GANTRY_API_KEY',
  run: async ({ args, env, untilAsked }) => {
    readArguments(args, 'mcp', {});
    const key = env['GANTRY_API_KEY'];
    if (key === undefined || key === '') {
      throw new GantryError('config_invalid', {
        message: 'Over stdio the agent is named by its key, and there is none.',
        where: 'GANTRY_API_KEY',
        fix: 'Set it to a key from `gantry key create`.',
      });
    }
    return withGantry(env, async ({ door, callers, followEvents }) => {
      if ((await callers.find(key)) === null) {
        throw new GantryError('unauthenticated', {
          message: 'The key is unknown, expired or revoked.',
          where: 'GANTRY_API_KEY',
          fix: 'Set it to a key from `gantry key create`.',
        });
      }
      const follow: FollowEvents = (_, wish, signal) => followEvents(key, wish, signal);
      const events = { follow, random: systemRandom };
      const server = serveMcpStdio({ door, version, events, caller: () => callers.find(key) });
      await Promise.race([untilAsked(), stdinEnd()]);
      await server.close();
      return 0;
    });
  },
};

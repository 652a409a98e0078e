import { createLog, logNames, openGantry, readConfig, type Environment } from '../../app/index.ts';
import { GantryError, keepHeapSmall, systemRandom } from '../../kernel/index.ts';
import { readProject } from '../../manifest/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';

const serveUsage = 'serve [--role api|worker|lens|all] [--port N]';
const ROLES = ['api', 'worker', 'lens', 'all'] as const;
type Role = (typeof ROLES)[number];

const lensRoles = { api: 'api', all: 'api', lens: 'lens', worker: 'asks' } as const;

export const serve: Command = {
  name: 'serve',
  usage: serveUsage,
  summary: 'run the server: the doors (api), syncing (worker), lens files (lens), or all of it',
  run: async (context) => {
    const read = readArguments(context.args, serveUsage, { role: { type: 'string' }, port: { type: 'string' } });
    return run(context, { role: roleIn(read.values['role']), port: read.values['port'], project: null });
  },
};

const devUsage = 'dev [folder] [--port N]';

export const dev: Command = {
  name: 'dev',
  usage: devUsage,
  summary: 'apply a project and run everything in one process',
  run: async (context) => {
    const read = readArguments(context.args, devUsage, { port: { type: 'string' } }, 1);
    return run(context, { role: 'all', port: read.values['port'], project: read.positionals[0] ?? '.' });
  },
};

interface RunOptions {
  readonly role: Role;
  readonly port: string | boolean | undefined;
  /** Folder of a project to apply first; null: whatever is in force. */
  readonly project: string | null;
}

async function run(context: CommandContext, { role, port, project }: RunOptions): Promise<number> {
  const env: Environment = typeof port === 'string' ? { ...context.env, GANTRY_PORT: port } : context.env;
  // All but those with lens files read what providers answer.
  if (role !== 'lens') keepHeapSmall();
  const config = await readConfig(env, systemRandom);
  const gantry = await openGantry({
    config,
    emit: createLog(config.logLevel, 'soon', logNames(config.masterKey)),
    lensRole: lensRoles[role],
  });
  try {
    if (project !== null) {
      const files = await readProject(project);
      const applied = await gantry.revisions.apply({ files, author: 'dev', message: `gantry dev ${project}` });
      context.out(`Revision ${String(applied.revision)} is in force.`);
    }
    if (role === 'worker' || role === 'all') gantry.startWorker();
    if (role !== 'worker') {
      const doors = await gantry.openDoors();
      if (role === 'lens') context.out(`LENS ${doors.url}`);
      else {
        context.out(`MCP  ${doors.url}/mcp`);
        context.out(`REST ${doors.url}/v1/openapi.json`);
      }
    }
    await context.untilAsked();
    return 0;
  } finally {
    await gantry.close();
  }
}

function roleIn(value: string | boolean | undefined): Role {
  const role = ROLES.find((name) => name === (value ?? 'all'));
  if (role !== undefined) return role;
  throw new GantryError('bad_request', {
    message: `"${String(value)}" is not a role.`,
    where: '--role',
    allowed: ROLES,
    fix: `Usage: gantry ${serveUsage}`,
  });
}

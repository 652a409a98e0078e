import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments, requiredWord } from '../arguments.ts';
import type { Command } from '../command.ts';
import { text } from '../connection-text.ts';
import { askServer } from '../operator-client.ts';
import { userName } from '../user-name.ts';

const listUsage = 'agents [--json]';

export const agents: Command = {
  name: 'agents',
  usage: listUsage,
  summary: 'the agents of the project: who answers for them, for whom they act, and which are suspended',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, { json: { type: 'boolean' } });
    const { agents: list } = await askServer(env, { method: 'GET', path: '/v1/agents' });
    if (read.values['json'] === true) out(JSON.stringify(list));
    else for (const row of (list as Json[]).filter(isJsonObject)) out(lineOf(row));
    return 0;
  },
};

function lineOf(row: JsonObject): string {
  const owner = row['owner'] === null ? 'nobody answers for it' : text(row['owner']);
  const suspended = row['suspended_by'] === null ? '' : `  by ${text(row['suspended_by'])}`;
  const note = row['note'] === null ? '' : `: ${text(row['note'])}`;
  const gone = row['declared'] === true ? '' : '  not in the project';
  return `${text(row['agent'])}  ${text(row['state'])}${suspended}${note}  acts for ${text(row['acts_for'])}  ${owner}${gone}`;
}

const act = (name: 'suspend' | 'resume', summary: string, done: string): Command => {
  const usage = `agents ${name} NAME [--note TEXT]`;
  return {
    name: `agents ${name}`,
    usage,
    summary,
    run: async ({ args, env, out }) => {
      const read = readArguments(args, usage, { note: { type: 'string' } }, 1);
      const agent = requiredWord(read, 'NAME', usage);
      const { note } = read.values;
      const body = { by: userName(), ...(typeof note === 'string' ? { note } : {}) };
      const path = `/v1/agents/${encodeURIComponent(agent)}/${name}`;
      const row = await askServer(env, { method: 'POST', path, body });
      out(`${text(row['agent'])} is ${done}.`);
      return 0;
    },
  };
};

export const agentsSuspend = act('suspend', 'end all that an agent may do, at all customers and at once', 'suspended');
export const agentsResume = act('resume', 'let a suspended agent go on', 'resumed');

import { isJsonObject, type Json } from '../../../src/kernel/index.ts';
import { ask } from '../../stage/ask.ts';
import type { WritingStage, Writer } from './stage.ts';

/** What a scripted agent does with an order: whatever comes back, it goes on. */
export interface Hands {
  /** Plans that it has, the newest last. */
  readonly plans: readonly string[];
  call(tool: string, args: object): Promise<Json>;
  /** A plan by that tool, committed at once, and asked for. */
  write(tool: string, args: object): Promise<void>;
  /** The same over REST. */
  prepareByRest(body: object, headers: Readonly<Record<string, string>>): Promise<void>;
  rest(method: string, path: string, body?: object): Promise<Json>;
}

/** Answers of the doors that let something be done that is no agent's to do. */
export interface Done {
  readonly path: string;
  readonly status: number;
}

export function handsOf(stage: WritingStage, who: Writer, done: (what: Done) => void): Hands {
  const { key, agent } = stage.agents[who];
  const plans: string[] = [];
  const keep = (content: Json): string | null => {
    const plan = isJsonObject(content) ? content['plan_id'] : undefined;
    if (typeof plan !== 'string') return null;
    plans.push(plan);
    return plan;
  };
  const call: Hands['call'] = async (tool, args) => {
    // A tool that there is not, or arguments that it does not take, are refused by the client's own protocol.
    const answer = await agent.call(tool, { ...args }).catch(() => null);
    return answer === null ? null : (answer.content as Json);
  };
  const rest = async (
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Json> => {
    const answer = await ask(stage, { bearer: key, headers }, method, path, body);
    if (answer.status < 400 && !/^\/v1\/(write-plans|operations)/.test(path)) done({ path, status: answer.status });
    return answer.body;
  };
  return {
    plans,
    call,
    rest: (method, path, body) => rest(method, path, body),
    write: async (tool, args) => {
      const plan = keep(await call(tool, args));
      if (plan === null) return;
      await call('commit_write', { plan_id: plan });
      await call('get_status', { plan_id: plan });
    },
    prepareByRest: async (body, headers) => {
      const plan = keep(await rest('POST', '/v1/write-plans', body, headers));
      if (plan !== null) await rest('POST', `/v1/write-plans/${plan}/commit`, {}, headers);
    },
  };
}

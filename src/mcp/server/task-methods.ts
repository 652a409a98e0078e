import {
  INVALID_PARAMS,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  type CallToolResult,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { planTask, type PlanTask } from '../tools/plan-tasks.ts';
import type { CallerContext } from '../tools/tool.ts';
import type { ToolDoor, ToolOutcome } from '../tools/tool-door.ts';

/** The extension by which clients wait for long work: https://modelcontextprotocol.github.io/ext-tasks/. */
export const TASKS = 'io.modelcontextprotocol/tasks';

export interface TaskDeps {
  readonly door: ToolDoor;
  readonly caller: () => Promise<CallerContext>;
  readonly toResult: (outcome: ToolOutcome) => CallToolResult;
}

/**
 * `tasks/get`, `tasks/update` and `tasks/cancel` over plans that were
 * committed. Everything goes by the door of the tools, so that grants, limits
 * and the audit are the same; a plan of somebody else is unknown. Clients that
 * do not declare the extension are told to (-32021).
 */
export function serveTasks(server: Server, { door, caller, toResult }: TaskDeps): void {
  const found = async (ctx: ServerContext, taskId: string): Promise<PlanTask> => {
    requireTasks(ctx);
    const outcome = await door.call(await caller(), 'get_status', { plan_id: taskId });
    if (outcome.kind === 'error') throw taskError(outcome);
    const task = planTask(outcome.answer);
    if (task === null) throw new ProtocolError(INVALID_PARAMS, 'There is no such task: the plan was not committed.');
    return task;
  };
  server.setRequestHandler('tasks/get', { params: named }, async ({ taskId }, ctx) => {
    const task = await found(ctx, taskId);
    if (task.status !== 'completed') return { ...task };
    const { answer, ...facts } = task;
    // The library marks results that go out by themselves only; this one goes inside another.
    return { ...facts, result: { resultType: 'complete', ...toResult({ kind: 'answer', requestId: '', answer }) } };
  });
  server.setRequestHandler('tasks/update', { params: named }, async ({ taskId }, ctx) => {
    // Nothing is ever asked of the client here: people decide in the console, by link or by command.
    await found(ctx, taskId);
    return {};
  });
  server.setRequestHandler('tasks/cancel', { params: named }, async ({ taskId }, ctx) => {
    requireTasks(ctx);
    // One call, of the rate and in the audit: it looks itself whether there is such a task.
    const outcome = await door.cancel(await caller(), taskId);
    if (outcome.kind === 'error') throw taskError(outcome);
    return {};
  });
}

const named = z.looseObject({ taskId: z.string().max(100) });

const missing = { requiredCapabilities: { extensions: { [TASKS]: {} } } };

function requireTasks(ctx: ServerContext): void {
  if (!declaresTasks(ctx)) throw new MissingRequiredClientCapabilityError(missing);
}

/** Said with each request: nothing is remembered of a client. */
export const declaresTasks = ({ mcpReq }: ServerContext): boolean => declared.safeParse(mcpReq.envelope).success;

const declared = z.looseObject({
  'io.modelcontextprotocol/clientCapabilities': z.looseObject({
    extensions: z.looseObject({ [TASKS]: z.looseObject({}) }),
  }),
});

/** What a commit answers to who can wait by a task: null where nothing is left to wait for, or the caller could not look. */
export function taskInstead(context: CallerContext, name: string, outcome: ToolOutcome): CallToolResult | null {
  if (name !== 'commit_write' || outcome.kind === 'error' || !context.caller.tools.has('get_status')) return null;
  const task = planTask(outcome.answer);
  if (task?.status !== 'working') return null;
  // The library knows results of tools only; the extension puts a task in their place.
  return { resultType: 'task', ...task } as unknown as CallToolResult;
}

const taskError = ({ error }: Extract<ToolOutcome, { kind: 'error' }>): ProtocolError =>
  new ProtocolError(INVALID_PARAMS, `${error.message} ${error.fix}`, error);

import {
  GantryError,
  newRequestId,
  suggest,
  toGantryError,
  type Clock,
  type ErrorBody,
  type ErrorCode,
  type Json,
  type JsonObject,
  type Random,
  type TenantId,
} from '../../kernel/index.ts';
import { createCallRate } from './call-rate.ts';
import { cleanJson } from './clean.ts';
import { eventLink, isEventLink, parseEventLink } from './event-links.ts';
import { savedQueryTools } from './saved-query.ts';
import { refuseMissing } from './scopes.ts';
import { descriptionOf, toolDescriptions, toolTable } from './table.ts';
import { parsePlanLink } from './plan-links.ts';
import { parseValueUri } from './value-links.ts';
import { writesOf } from './write-shapes.ts';
import type { CallerContext, ToolDescription, ToolServices } from './tool.ts';

/** The one way to a tool, whichever door the call came through. */
export interface ToolDoor {
  /** Every tool, for documents that hold for all callers. */
  readonly all: readonly ToolDescription[];
  /** The tools of this caller's grant, in fixed order, then its saved queries. */
  list(context: CallerContext): readonly ToolDescription[];
  /** Never throws. */
  call(context: CallerContext, name: string, args: Json, more?: CallDetails): Promise<ToolOutcome>;
  /** Whether links to events can be read. */
  readonly tellsEvents: boolean;
  /** Whether anything can be written, and so be waited for. */
  readonly writes: boolean;
  /**
   * Takes back what was not sent yet of a committed plan of the caller's; of one that has ended nothing. Of one that
   * was not committed: `write_state_conflict`. Never throws.
   */
  cancel(context: CallerContext, plan: string): Promise<ToolOutcome>;
  /**
   * What is behind a link of ours, as `{text, mime_type}`: the whole value that an answer showed cut
   * (value-links.ts), or the next events (event-links.ts). Never throws.
   */
  readLink(context: CallerContext, uri: string): Promise<ToolOutcome>;
}

/** What a request says beside its arguments. */
export interface CallDetails {
  readonly idempotencyKey?: string;
}

export type ToolOutcome =
  | { readonly kind: 'answer'; readonly requestId: string; readonly answer: JsonObject }
  | { readonly kind: 'error'; readonly requestId: string; readonly status: number; readonly error: ToolError };

export type ToolError = ErrorBody & { readonly request_id: string };

export interface ToolCallEvent {
  readonly requestId: string;
  readonly tenant: string;
  readonly agent: string;
  /** The user in whose name it was; null: the agent's own. */
  readonly principal: string | null;
  readonly tool: string;
  readonly durationMs: number;
  /** Null for an answer. */
  readonly errorCode: ErrorCode | null;
  /** What was thrown, for the log only; null where the caller was at fault. */
  readonly cause: unknown;
}

export interface ToolDoorOptions {
  readonly services: ToolServices;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of every call after it ended, with what was asked. */
  readonly onCall?: (event: ToolCallEvent, call: { readonly tenant: TenantId; readonly input: Json }) => void;
}

/** A tool outside the grant does not exist for the caller: it is neither listed nor told apart from a misspelt one. */
export function createToolDoor(options: ToolDoorOptions): ToolDoor {
  const rate = createCallRate(options.clock);
  return {
    all: toolDescriptions,
    list: (context) => [
      ...toolDescriptions.filter((tool) => context.caller.tools.has(tool.name)),
      ...savedQueryTools(context).map(descriptionOf),
    ],
    call: (context, name, args, more = {}) =>
      counted(context, { name, input: args }, () => runTool(context, { name, args, more })),
    tellsEvents: options.services.readEvents !== undefined,
    writes: options.services.writes !== undefined,
    cancel: (context, plan) =>
      counted(context, { name: 'tasks/cancel', input: { plan_id: plan } }, () => cancel(context, plan)),
    readLink: (context, uri) =>
      counted(context, { name: 'resources/read', input: { uri } }, () => readLink(context, uri)),
  };

  async function counted(
    context: CallerContext,
    { name, input }: { readonly name: string; readonly input: Json },
    work: () => Promise<object>,
  ): Promise<ToolOutcome> {
    const { caller } = context;
    const requestId = newRequestId(options.random);
    const startMs = options.clock.monotonicMs();
    const report = (error: GantryError | null): void => {
      const event: ToolCallEvent = {
        requestId,
        tenant: caller.tenantSlug,
        agent: caller.agent,
        principal: caller.principal?.principal ?? null,
        tool: name,
        durationMs: options.clock.monotonicMs() - startMs,
        errorCode: error?.code ?? null,
        cause: error !== null && error.status >= 500 ? (error.cause ?? error) : null,
      };
      options.onCall?.(event, { tenant: caller.tenant, input });
    };
    try {
      const answer = await work();
      report(null);
      return { kind: 'answer', requestId, answer: cleanJson(answer) as JsonObject };
    } catch (thrown) {
      const error = toGantryError(thrown);
      report(error);
      return { kind: 'error', requestId, status: error.status, error: errorBody(error, requestId) };
    }
  }

  async function runTool(
    context: CallerContext,
    { name, args, more }: { readonly name: string; readonly args: Json; readonly more: CallDetails },
  ): Promise<object> {
    const { caller } = context;
    const tool =
      toolTable.find((one) => one.name === name && caller.tools.has(one.name)) ??
      savedQueryTools(context).find((one) => one.name === name);
    if (tool === undefined) throw unknownTool(name, [...caller.tools, ...savedNames(context)]);
    refuseMissing(context, name);
    spend(context);
    return tool.run({ ...context, ...more, services: options.services }, args);
  }

  async function readLink(context: CallerContext, uri: string): Promise<object> {
    refuseMissing(context, 'resources/read');
    spend(context);
    return linked(options.services, context, uri);
  }

  async function cancel(context: CallerContext, plan: string): Promise<object> {
    // Who may commit a plan may take it back.
    if (!context.caller.tools.has('commit_write')) throw unknownTool('tasks/cancel', [...context.caller.tools]);
    refuseMissing(context, 'commit_write');
    spend(context);
    return writesOf({ ...context, services: options.services }).cancel(context, { plan });
  }

  function spend({ caller }: CallerContext): void {
    const retryAt = rate.take(`${caller.tenant}/${caller.agent}`, caller.callsPerMinute);
    if (retryAt !== null) throw tooManyCalls(caller.callsPerMinute ?? 0, retryAt);
  }
}

const planTools = ['prepare_write', 'run_operation', 'get_status', 'commit_write', 'undo'];

/** What is behind a link: more writes of a plan, events, or a value that was cut. */
async function linked(services: ToolServices, context: CallerContext, uri: string): Promise<object> {
  const { query, readEvents, writes } = services;
  if (readEvents !== undefined && isEventLink(uri)) {
    const wish = parseEventLink(uri);
    const page = await readEvents(context, wish);
    const next = eventLink({ ...wish, after: page.sequence });
    return { text: JSON.stringify(cleanJson({ ...page, next })), mime_type: 'application/json' };
  }
  const plan = parsePlanLink(uri);
  // Who may use no tool that tells of plans reads none of their pages.
  const tellsPlans = planTools.some((name) => context.caller.tools.has(name));
  if (plan !== null && writes !== undefined && tellsPlans) {
    const page = await writes.page(context, plan);
    return { text: JSON.stringify(cleanJson(page)), mime_type: 'application/json' };
  }
  const request = parseValueUri(uri);
  if (request === null) throw unknownLink(uri);
  const { text } = await query.readValue(context.caller, context.scope, request);
  return { text, mime_type: 'text/plain' };
}

const unknownLink = (uri: string): GantryError =>
  new GantryError('not_found', {
    message: 'That is no link of an answer.',
    where: uri.slice(0, 200),
    fix: 'Read links as answers give them (gantry://record/...), or follow events (gantry://events/...).',
  });

/** The error as every door shows it: cleaned like any answer, with the id under which the log knows the call. */
export function errorBody(error: GantryError, requestId: string): ToolError {
  return { ...(cleanJson(error.toBody()) as unknown as ErrorBody), request_id: requestId };
}

const savedNames = (context: CallerContext): string[] => savedQueryTools(context).map((tool) => tool.name);

function unknownTool(name: string, granted: readonly string[]): GantryError {
  return new GantryError('tool_unknown', {
    message: 'There is no such tool for this caller.',
    where: name.slice(0, 80),
    suggestions: suggest(name, granted),
  });
}

function tooManyCalls(callsPerMinute: number, retryAt: Date): GantryError {
  return new GantryError('rate_limited', {
    message: `The grant allows ${callsPerMinute} calls per minute and they are used up.`,
    retryAt,
  });
}

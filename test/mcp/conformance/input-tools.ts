import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  type ClientCapabilities,
  type McpServer,
  type RequestStateCodec,
} from '@modelcontextprotocol/server';
import * as z from 'zod';

/** How far a conversation in rounds has come; travels through the client, signed. */
export interface Round {
  readonly step: string;
}

const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });
const named = z.object({ name: z.string() });
const okay = z.object({ ok: z.boolean() });
const coloured = z.object({ color: z.string() });

const askName = (message = 'What is your name?') => inputRequired.elicit({ message, requestedSchema: named });
const askOkay = () => inputRequired.elicit({ message: 'Please confirm', requestedSchema: okay });
const askModel = (question: string, maxTokens: number) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: question } }],
    maxTokens,
  });

/** The suite's tools that need something of the client before they can answer. */
export function addInputTools(server: McpServer, states: RequestStateCodec<Round>): void {
  const name = (tool: string) => `test_input_required_result_${tool}`;
  for (const tool of [name('elicitation'), 'test_streaming_elicitation']) {
    server.registerTool(tool, { description: 'Asks for a name' }, ({ mcpReq }) => {
      const answer = acceptedContent(mcpReq.inputResponses, 'user_name', named);
      if (answer === undefined) return inputRequired({ inputRequests: { user_name: askName() } });
      return text(`Hello, ${answer.name}!`);
    });
  }
  server.registerTool(name('sampling'), { description: 'Asks the model' }, ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'capital_question');
    if (answer.kind !== 'sampling') {
      return inputRequired({ inputRequests: { capital_question: askModel('What is the capital of France?', 100) } });
    }
    return text(`The model says: ${JSON.stringify(answer.result.content)}`);
  });
  server.registerTool(name('list_roots'), { description: 'Asks for roots' }, ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'client_roots');
    if (answer.kind !== 'roots') return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
    return text(`Roots: ${answer.roots.map(({ uri }) => uri).join(', ')}`);
  });
  for (const tool of [name('request_state'), name('tampered_state')]) {
    server.registerTool(tool, { description: 'Asks for a word, and keeps state' }, async ({ mcpReq }) => {
      const answer = acceptedContent(mcpReq.inputResponses, 'confirm', okay);
      if (answer === undefined || mcpReq.requestState<Round>()?.step !== 'confirm') {
        return inputRequired({
          inputRequests: { confirm: askOkay() },
          requestState: await states.mint({ step: 'confirm' }),
        });
      }
      return text('state-ok');
    });
  }
  server.registerTool(name('multiple_inputs'), { description: 'Asks three things at once' }, async ({ mcpReq }) => {
    const who = acceptedContent(mcpReq.inputResponses, 'user_name', named);
    const greeting = inputResponse(mcpReq.inputResponses, 'greeting');
    const roots = inputResponse(mcpReq.inputResponses, 'client_roots');
    if (who === undefined || greeting.kind !== 'sampling' || roots.kind !== 'roots') {
      return inputRequired({
        inputRequests: {
          user_name: askName(),
          greeting: askModel('Generate a greeting', 50),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await states.mint({ step: 'all' }),
      });
    }
    return text(`${who.name}, ${String(roots.roots.length)} roots`);
  });
  server.registerTool(name('multi_round'), { description: 'Asks twice' }, async ({ mcpReq }) => {
    const step = mcpReq.requestState<Round>()?.step ?? null;
    const colour = acceptedContent(mcpReq.inputResponses, 'step2', coloured);
    if (step === 'second' && colour !== undefined) return text(`Thank you: ${colour.color}`);
    if (step === 'first' && acceptedContent(mcpReq.inputResponses, 'step1', named) !== undefined) {
      const message = 'Step 2: What is your favorite color?';
      return inputRequired({
        inputRequests: { step2: inputRequired.elicit({ message, requestedSchema: coloured }) },
        requestState: await states.mint({ step: 'second' }),
      });
    }
    return inputRequired({
      inputRequests: { step1: askName('Step 1: What is your name?') },
      requestState: await states.mint({ step: 'first' }),
    });
  });
  server.registerTool(name('capabilities'), { description: 'Asks for what the client can do' }, ({ mcpReq }) => {
    const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
    const declared = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
    const inputRequests = {
      ...(declared?.elicitation === undefined ? {} : { user_name: askName() }),
      ...(declared?.sampling === undefined ? {} : { greeting: askModel('Generate a greeting', 50) }),
    };
    if (mcpReq.inputResponses !== undefined || Object.keys(inputRequests).length === 0) return text('Nothing to ask.');
    return inputRequired({ inputRequests });
  });
}

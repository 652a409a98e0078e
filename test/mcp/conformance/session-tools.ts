import { fromJsonSchema, type McpServer, type ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';

type Form = Parameters<ServerContext['mcpReq']['elicitInput']>[0];

const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });
const choices = (prefix: string, titles: readonly string[]) =>
  titles.map((title, index) => ({ const: `${prefix}${String(index + 1)}`, title }));

/** The suite's tools of revision 2025-11-25, which ask the client by requests of their own while the call is open. */
export function addSessionTools(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: 'Asks the model', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, { mcpReq }) => {
      const answer = await mcpReq.requestSampling({
        messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
        maxTokens: 100,
      });
      return text(`LLM response: ${JSON.stringify(answer.content)}`);
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, { mcpReq }) => {
      const properties = {
        username: { type: 'string' as const, description: "User's response" },
        email: { type: 'string' as const, description: "User's email address" },
      };
      const answer = await mcpReq.elicitInput({
        message,
        requestedSchema: { type: 'object', properties, required: ['username', 'email'] },
      });
      return text(`User response: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`);
    },
  );
  const forms: [string, Form & { requestedSchema: object }][] = [
    ['test_elicitation_sep1034_defaults', { message: 'With defaults', requestedSchema: defaults }],
    ['test_elicitation_sep1330_enums', { message: 'Choose', requestedSchema: enums }],
  ];
  for (const [name, form] of forms) {
    server.registerTool(name, { description: 'Asks the user by a form' }, async ({ mcpReq }) => {
      const answer = await mcpReq.elicitInput(form);
      return text(`Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`);
    });
  }
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Has a schema with much of 2020-12 in it', inputSchema: fromJsonSchema(richSchema) },
    (args) => text(JSON.stringify(args)),
  );
}

const defaults = {
  type: 'object' as const,
  properties: {
    name: { type: 'string' as const, default: 'John Doe' },
    age: { type: 'integer' as const, default: 30 },
    score: { type: 'number' as const, default: 95.5 },
    status: { type: 'string' as const, enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean' as const, default: true },
  },
};

const plain = ['option1', 'option2', 'option3'];
const enums = {
  type: 'object' as const,
  properties: {
    untitledSingle: { type: 'string' as const, enum: plain },
    titledSingle: {
      type: 'string' as const,
      oneOf: choices('value', ['First Option', 'Second Option', 'Third Option']),
    },
    legacyEnum: {
      type: 'string' as const,
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array' as const, items: { type: 'string' as const, enum: plain } },
    titledMulti: {
      type: 'array' as const,
      items: { anyOf: choices('value', ['First Choice', 'Second Choice', 'Third Choice']) },
    },
  },
};

const richSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

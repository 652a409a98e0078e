import { inputRequired, inputResponse, type McpServer } from '@modelcontextprotocol/server';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { tinyPng, tinyWav } from './media.ts';

const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });

/** The suite's tools that answer with every kind of content, or tell of their progress. */
export function addContentTools(server: McpServer, toolsChanged: () => void): void {
  server.registerTool('test_simple_text', { description: 'Answers with text' }, () =>
    text('This is a simple text response for testing.'),
  );
  server.registerTool('test_image_content', { description: 'Answers with an image' }, () => ({
    content: [{ type: 'image', data: tinyPng, mimeType: 'image/png' }],
  }));
  server.registerTool('test_audio_content', { description: 'Answers with a sound' }, () => ({
    content: [{ type: 'audio', data: tinyWav, mimeType: 'audio/wav' }],
  }));
  server.registerTool('test_embedded_resource', { description: 'Answers with a resource' }, () => ({
    content: [
      {
        type: 'resource',
        resource: {
          uri: 'test://embedded-resource',
          mimeType: 'text/plain',
          text: 'This is an embedded resource content.',
        },
      },
    ],
  }));
  server.registerTool('test_multiple_content_types', { description: 'Answers with several kinds' }, () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: tinyPng, mimeType: 'image/png' },
      {
        type: 'resource',
        resource: {
          uri: 'test://mixed-content-resource',
          mimeType: 'application/json',
          text: JSON.stringify({ test: 'data', value: 123 }),
        },
      },
    ],
  }));
  server.registerTool('test_error_handling', { description: 'Always fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool('test_tool_with_progress', { description: 'Tells how far it is' }, async (context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progress > 0) await pause(50);
      if (progressToken === undefined) continue;
      await context.mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 100 },
      });
    }
    return text('Done, step by step.');
  });
  server.registerTool('test_tool_with_logging', { description: 'Logs while it works' }, async (context) => {
    await context.mcpReq.log('info', 'Tool execution started');
    await pause(50);
    await context.mcpReq.log('info', 'Tool processing data');
    await pause(50);
    await context.mcpReq.log('info', 'Tool execution completed');
    return text('Done, with three lines of log.');
  });
  server.registerTool('test_logging_tool', { description: 'Logs where the request asks for it' }, async (context) => {
    await context.mcpReq.log('info', 'at work');
    return text('Done.');
  });
  // A client that did not declare sampling must not be asked for it, but told what it lacks.
  server.registerTool('test_missing_capability', { description: 'Needs sampling' }, ({ mcpReq }) => {
    if (inputResponse(mcpReq.inputResponses, 'greeting').kind === 'sampling') return text('Sampling is there.');
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'Generate a greeting' } }];
    return inputRequired({ inputRequests: { greeting: inputRequired.createMessage({ messages, maxTokens: 50 }) } });
  });
  server.registerTool('test_trigger_tool_change', { description: 'Tells listeners that tools changed' }, () => {
    toolsChanged();
    return text('Told.');
  });
  server.registerTool(
    'test_x_mcp_header',
    {
      description: 'Has an argument that clients repeat as a header',
      inputSchema: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }),
    },
    ({ region }) => text(region),
  );
}

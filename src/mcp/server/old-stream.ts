import { limits } from '../../kernel/index.ts';
import type { McpSender } from './endpoint.ts';
import type { ToolListChanges } from './protocol.ts';

/** A GET for events. Revision 2026-07-28 has none: there the protocol library refuses it. */
export function isOldStream(request: Request): boolean {
  if (request.method !== 'GET') return false;
  const version = request.headers.get('mcp-protocol-version');
  return (version === null || version < '2026') && (request.headers.get('accept') ?? '').includes('text/event-stream');
}

/**
 * The stream on which servers up to 2025-11-25 speak unasked ("Listening for
 * Messages from the Server", Streamable HTTP). It needs no session: what it
 * tells is decided by the key alone. Nothing is kept for those who were away;
 * a client that connects anew lists anew. What ends the stream stands in `open`
 * while it lasts.
 */
export function oldStream(sender: McpSender, changes: ToolListChanges, open: Set<() => void>): Response {
  const encoder = new TextEncoder();
  let stop = (): void => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let alive = true;
      const write = (text: string): void => {
        if (alive) controller.enqueue(encoder.encode(text));
      };
      // Comments, so that nothing on the way takes the silence for the end.
      const beat = setInterval(() => write(': keepalive\n\n'), limits.mcpKeepAliveMs);
      let unwatch = (): void => undefined;
      const end = (): void => {
        stop();
        controller.close();
      };
      stop = () => {
        alive = false;
        clearInterval(beat);
        unwatch();
        open.delete(end);
      };
      open.add(end);
      write(': open\n\n');
      unwatch = changes.watch(sender, { changed: () => write(listChanged), end: () => alive && end() });
      if (!alive) unwatch();
    },
    cancel: () => stop(),
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

const listChanged = `event: message\ndata: ${JSON.stringify({
  jsonrpc: '2.0',
  method: 'notifications/tools/list_changed',
})}\n\n`;

import type { ConsoleNews } from './console-ports.ts';

/**
 * News as server-sent events (WHATWG HTML §9.2): a name each and no content.
 * What is new is asked for at its own address, by whoever may.
 */
export function consoleStream(
  items: AsyncGenerator<ConsoleNews>,
  end: { readonly stop: () => void; readonly onFailed: (cause: unknown) => void },
): Response {
  const encoder = new TextEncoder();
  let left = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next = await items.next();
        // Who left meanwhile has closed the stream.
        if (left) return;
        if (next.done !== true) return controller.enqueue(encoder.encode(textOf(next.value)));
      } catch (cause) {
        if (left) return;
        end.onFailed(cause);
      }
      end.stop();
      controller.close();
    },
    cancel: () => {
      left = true;
      end.stop();
    },
  });
  const headers = {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  };
  return new Response(body, { headers });
}

const textOf = (news: ConsoleNews): string => (news === 'alive' ? ': alive\n\n' : `event: ${news}\ndata: {}\n\n`);

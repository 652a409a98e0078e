import type { EventFeedItem } from './subscription-ports.ts';

/**
 * Items as server-sent events (WHATWG HTML §9.2). Made one by one as the client
 * takes them: one that reads slowly holds up its own stream and nothing else.
 * A sign of life has an id and no data, so that a client that connects again
 * goes on from there without being told anything.
 */
export function eventStream(
  items: AsyncGenerator<EventFeedItem>,
  end: { readonly stop: () => void; readonly onFailed: (cause: unknown) => void },
): Response {
  const encoder = new TextEncoder();
  let left = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await nextChunk();
      // A client that left while the next item was awaited has closed the stream: nothing more can be put into it.
      if (left) return;
      if (chunk !== null) return controller.enqueue(chunk);
      end.stop();
      controller.close();
    },
    cancel: () => {
      left = true;
      end.stop();
    },
  });
  /** Null where there is nothing more. */
  async function nextChunk(): Promise<Uint8Array | null> {
    try {
      const next = await items.next();
      return next.done === true ? null : encoder.encode(textOf(next.value));
    } catch (cause) {
      // The client connects again, and hears then what is wrong; one that left is not told anything.
      if (!left) end.onFailed(cause);
      return null;
    }
  }
  const headers = {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  };
  return new Response(body, { headers });
}

function textOf(item: EventFeedItem): string {
  if (item.kind === 'told_up_to') return `: alive\nid: ${String(item.seq)}\n\n`;
  return `id: ${String(item.seq)}\nevent: change\ndata: ${JSON.stringify(item.payload)}\n\n`;
}

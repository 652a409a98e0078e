import type { Turnstile } from './turnstile.ts';

/**
 * The same answer, whose body ends in good order when the signal says so, and
 * whose reader opens the turnstile whenever all that was written is taken.
 */
export function endWith(response: Response, signal: AbortSignal, turnstile: Turnstile): Response {
  const reader = response.body?.getReader();
  if (reader === undefined) return response;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (): void => {
        void reader.cancel().catch(() => undefined);
        try {
          controller.close();
        } catch {
          // Closed already, by the other side.
        }
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    },
    async pull(controller) {
      const next = reader.read();
      turnstile.open();
      const { done, value } = await next;
      if (signal.aborted) return;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return new Response(body, response);
}

import type { Clock } from '../../../kernel/index.ts';
import type { FetchResponse, PubSubChannel } from './rpc.ts';

export interface Subscription {
  readonly topic: string;
  /** After this place; null: from now on. */
  readonly replayId: Uint8Array | null;
  /** With no word for so long the line is dead, whatever TCP believes. */
  readonly silenceMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The next answer is looked at when it has resolved. */
  readonly onResponse: (response: FetchResponse) => Promise<void>;
}

/** Reference of the Subscribe method: the most that one request asks for. */
const REQUESTED = 100;

/** What ends a line that says nothing. */
export class SilentLine extends Error {}

/**
 * One Subscribe call. Asks for as many events as have been kept, so that never
 * more than the first request are on their way or in our hands. Resolves when
 * Salesforce ends the call or `signal` aborts; raises what ended it otherwise,
 * `SilentLine` and what `onResponse` raises included.
 */
export async function subscribe(channel: PubSubChannel, subscription: Subscription): Promise<void> {
  const { topic, replayId, silenceMs, clock, signal, onResponse } = subscription;
  if (signal.aborted) return;
  const call = channel.subscribe();
  let silent = false;
  const onAbort = (): void => call.cancel();
  signal.addEventListener('abort', onAbort, { once: true });
  const watch = watchSilence(clock, silenceMs, () => {
    silent = true;
    call.cancel();
  });
  try {
    call.write({
      topicName: topic,
      numRequested: REQUESTED,
      ...(replayId === null ? { replayPreset: 'LATEST' } : { replayPreset: 'CUSTOM', replayId }),
    });
    watch.start();
    for await (const answer of call) {
      watch.stop();
      const response = answer as FetchResponse;
      await onResponse(response);
      if (signal.aborted) return;
      if (response.events.length > 0) call.write({ numRequested: response.events.length });
      watch.start();
    }
  } catch (error) {
    if (signal.aborted) return;
    throw silent ? new SilentLine(`no word on ${topic}`) : error;
  } finally {
    watch.stop();
    signal.removeEventListener('abort', onAbort);
    call.cancel();
  }
}

/** Does not run while we are the ones who take their time. */
function watchSilence(clock: Clock, ms: number, onSilence: () => void): { start(): void; stop(): void } {
  let current: AbortController | null = null;
  const stop = (): void => {
    current?.abort(new Error('there was a word'));
    current = null;
  };
  return {
    stop,
    start: () => {
      stop();
      current = new AbortController();
      void clock.sleep(ms, current.signal).then(onSilence, () => undefined);
    },
  };
}

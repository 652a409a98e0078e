import { canonicalJson, contentHash, fromHere, GantryError, limits, type Clock } from '../../kernel/index.ts';
import type { CallerContext } from '../tools/tool.ts';
import type { ToolDoor } from '../tools/tool-door.ts';
import type { Authenticate, McpSender } from './endpoint.ts';
import type { ChangeListener, ToolListChanges } from './protocol.ts';

export interface ToolListWatchOptions {
  readonly list: ToolDoor['list'];
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly onError?: (error: Error) => void;
}

/** The streams of one key, looked after together. */
interface Watched {
  readonly streams: Set<ChangeListener>;
  readonly stopped: AbortController;
}

/**
 * Looks every few seconds, while somebody listens, at what a key may call, and
 * tells when that is not what it was: a revision was applied or rolled back,
 * in whichever process. A key that was taken back loses its streams.
 */
export function createToolListWatch(options: ToolListWatchOptions): ToolListChanges {
  const { list, authenticate, clock } = options;
  const watched = new Map<string, Watched>();

  async function look(sender: McpSender, { streams, stopped }: Watched): Promise<void> {
    const { bearer, from = fromHere } = sender;
    let known: CallerContext = sender.context;
    let fingerprint = fingerprintOf(list(known));
    for (;;) {
      await clock.sleep(limits.toolListLookMs, stopped.signal);
      const context = await authenticate(bearer, from).catch((cause: unknown) => {
        // Suspended, or from elsewhere: as good as gone.
        if (cause instanceof GantryError && cause.status < 500) return null;
        // The next look may find the database again; until then nobody is cut off.
        options.onError?.(cause instanceof Error ? cause : new Error(String(cause)));
        return known;
      });
      if (context === null) {
        for (const stream of streams) stream.end();
        return;
      }
      if (context === known) continue;
      known = context;
      const next = fingerprintOf(list(context));
      if (next === fingerprint) continue;
      fingerprint = next;
      for (const stream of streams) stream.changed();
    }
  }

  return {
    watch(sender, stream) {
      // One key may ask in the name of many users, whose tools are looked at apart.
      const key = `${sender.bearer} ${sender.from?.address ?? ''} ${sender.from?.principal ?? ''}`;
      const known = watched.get(key);
      if (known !== undefined && known.streams.size >= limits.mcpStreamsPerKeyMax) {
        stream.end();
        return () => undefined;
      }
      const entry = known ?? { streams: new Set(), stopped: new AbortController() };
      entry.streams.add(stream);
      if (known === undefined) {
        watched.set(key, entry);
        void look(sender, entry).catch((cause: unknown) => {
          if (!entry.stopped.signal.aborted)
            options.onError?.(cause instanceof Error ? cause : new Error(String(cause)));
        });
      }
      return () => {
        if (!entry.streams.delete(stream) || entry.streams.size > 0) return;
        if (watched.get(key) === entry) watched.delete(key);
        entry.stopped.abort();
      };
    },
  };
}

const fingerprintOf = (tools: ReturnType<ToolDoor['list']>): string =>
  contentHash(
    canonicalJson(tools.map(({ name, title, description, inputSchema }) => [name, title, description, inputSchema])),
  );

import { abortTogether, GantryError, limits, type Clock } from '../../../kernel/index.ts';
import type { Connector, EventStreamRequest, EventStreamSource, ProviderAccess } from '../../contract.ts';
import { readChanges, type ReceivedEvent } from './change-events.ts';
import { headerReader, type HeaderReader } from './change-header.ts';
import { placesOf, positionOf } from './replay-position.ts';
import { rpcError, rpcFault } from './rpc-fault.ts';
import { openChannel, type FetchResponse, type PubSubChannel } from './rpc.ts';
import { SilentLine, subscribe } from './subscribe.ts';
import { topicOf } from './topics.ts';

/** Pub/Sub API guide, "Pub/Sub API Endpoints"; others are for orgs whose data must stay in a region. */
export const PUBSUB_ENDPOINT = 'https://api.pubsub.salesforce.com:7443';

export interface FollowOptions {
  readonly clock: Clock;
  /** Longer than Salesforce is ever silent on a line that lives: it answers within 270 s. */
  readonly silenceMs?: number;
  readonly pingMs?: number;
}

/** Salesforce's change data capture over the Pub/Sub API: one subscription for each object, on one channel. */
export function changeEvents(open: Connector['open'], options: FollowOptions): EventStreamSource {
  return {
    follow: async (access, request) => {
      const { accountId: orgId } = await open(access).identify();
      const line: Line = {
        access,
        request,
        options,
        orgId,
        places: new Map(placesOf(request.position)),
        readers: new Map(),
        keeping: Promise.resolve(),
      };
      let refused: number | null = null;
      while (!request.signal.aborted) {
        const token = await access.token();
        const end = await followOnce(line, token.accessToken);
        if (end.kind === 'stopped') return;
        // A token that was renewed and never heard a word is not refused twice.
        if (refused !== null && !end.heard) throw rpcError({ kind: 'unauthenticated' }, WHERE);
        refused = (await access.renew(token.generation)).generation;
      }
    },
  };
}

const WHERE = 'Pub/Sub API';

interface Line {
  readonly access: ProviderAccess;
  readonly request: EventStreamRequest;
  readonly options: FollowOptions;
  readonly orgId: string;
  /** Where each topic was kept last. */
  readonly places: Map<string, Uint8Array>;
  readonly readers: Map<string, HeaderReader | null>;
  /** Batches of all topics are kept one after the other. */
  keeping: Promise<void>;
}

type End = { readonly kind: 'stopped' } | { readonly kind: 'unauthenticated'; readonly heard: boolean };

/** All topics on one channel with one token, until one of them fails. */
async function followOnce(line: Line, accessToken: string): Promise<End> {
  const { request, access, options, orgId } = line;
  const channel = openChannel({
    endpoint: request.endpoint ?? PUBSUB_ENDPOINT,
    caller: { accessToken, instanceUrl: access.apiUrl, orgId },
    pingMs: options.pingMs ?? limits.eventLinePingMs,
    pingTimeoutMs: limits.eventLinePingTimeoutMs,
    callTimeoutMs: limits.requestTimeoutMs,
  });
  const ending = new AbortController();
  const leave = abortTogether(ending, [request.signal]);
  const { signal } = ending;
  let heard = false;
  const onHeard = (): void => {
    heard = true;
  };
  try {
    const objects = await available(line, channel);
    const topics = objects.map((object) => followTopic(line, channel, { object, signal, onHeard }));
    // The first that ends takes the others along: they are opened again together, from where each was kept.
    await Promise.race(topics).finally(() => ending.abort(new Error('another topic ended')));
    await Promise.allSettled(topics);
    // Ended by Salesforce without a word of why: whoever follows opens it again.
    if (!request.signal.aborted) throw rpcError({ kind: 'failed', class: 'network' }, WHERE);
    return { kind: 'stopped' };
  } catch (error) {
    if (request.signal.aborted) return { kind: 'stopped' };
    if (error instanceof SilentLine) throw rpcError({ kind: 'failed', class: 'timeout' }, WHERE);
    const fault = rpcFault(error);
    if (fault === null) throw error;
    if (fault.kind === 'unauthenticated') return { kind: 'unauthenticated', heard };
    throw rpcError(fault, WHERE);
  } finally {
    leave();
    ending.abort(new Error('the line is closed'));
    await line.keeping.catch(() => undefined);
    channel.close();
  }
}

/** Objects with events for this user. Raises where there is none. */
async function available(line: Line, channel: PubSubChannel): Promise<readonly string[]> {
  const { request } = line;
  const objects: string[] = [];
  const unavailable: string[] = [];
  for (const object of request.objects) ((await hasTopic(channel, object)) ? objects : unavailable).push(object);
  if (unavailable.length > 0) request.onUnavailable?.(unavailable);
  if (objects.length === 0) throw rpcError({ kind: 'no_topic' }, WHERE);
  return objects;
}

async function hasTopic(channel: PubSubChannel, object: string): Promise<boolean> {
  try {
    return (await channel.getTopic(topicOf(object))).canSubscribe;
  } catch (error) {
    if (rpcFault(error)?.kind === 'no_topic') return false;
    throw error;
  }
}

interface TopicLine {
  readonly object: string;
  readonly signal: AbortSignal;
  readonly onHeard: () => void;
}

function followTopic(line: Line, channel: PubSubChannel, { object, signal, onHeard }: TopicLine): Promise<void> {
  const topic = topicOf(object);
  const replayId = line.places.get(topic) ?? null;
  // What changed before the line was held belongs to nobody: the object is read once.
  let before: readonly string[] = replayId === null ? [object] : [];
  return subscribe(channel, {
    topic,
    replayId,
    signal,
    clock: line.options.clock,
    silenceMs: line.options.silenceMs ?? limits.eventLineSilenceMs,
    onResponse: async (response) => {
      onHeard();
      const received = await decoded(line, channel, response);
      await keep(line, signal, async () => {
        const { events, gaps } = readChanges(object, received);
        const places = new Map(line.places).set(topic, placeAfter(response));
        await line.request.onBatch({ events, gaps: [...new Set([...before, ...gaps])], position: positionOf(places) });
        before = [];
        for (const [name, place] of places) line.places.set(name, place);
      });
    },
  });
}

function placeAfter(response: FetchResponse): Uint8Array {
  const last = response.events.at(-1)?.replayId;
  return response.latestReplayId.length > 0 || last === undefined ? response.latestReplayId : last;
}

/** One batch at a time, and none after the line ended. */
async function keep(line: Line, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const before = line.keeping;
  const inTurn = async (): Promise<void> => {
    await before;
    if (!signal.aborted) await work();
  };
  const mine = inTurn();
  line.keeping = mine.catch(() => undefined);
  await mine;
}

async function decoded(line: Line, channel: PubSubChannel, response: FetchResponse): Promise<readonly ReceivedEvent[]> {
  const received: ReceivedEvent[] = [];
  for (const { event } of response.events) {
    const read = event === null ? null : await readerOf(line, channel, event.schemaId);
    received.push({ id: event?.id ?? '', header: event === null || read === null ? null : read(event.payload) });
  }
  return received;
}

/** One question for each schema: its id changes when its fields do. Null for one that is no Avro schema. */
async function readerOf(line: Line, channel: PubSubChannel, schemaId: string): Promise<HeaderReader | null> {
  const known = line.readers.get(schemaId);
  if (known !== undefined) return known;
  const json = await channel.getSchema(schemaId);
  let reader: HeaderReader | null = null;
  try {
    reader = headerReader(json);
  } catch (error) {
    if (error instanceof GantryError) throw error;
  }
  line.readers.set(schemaId, reader);
  return reader;
}

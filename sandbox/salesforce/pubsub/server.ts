import { Server, ServerCredentials, type Metadata, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { ControlError, type Mutation, type TokenStore } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import type { ChangeType } from './change-event.ts';
import { createEventBus } from './event-bus.ts';
import { callerOf, receiver, type Receiver } from './receiver.ts';
import { isRefusalName, refusal, type Refusal } from './refusals.ts';
import { pubSubService, type SubscribeCall } from './service.ts';
import { serveLine, type Line, type LineSettings } from './subscription.ts';

/** The org's Pub/Sub API: gRPC in clear on 127.0.0.1, beside the org's HTTP. */
export interface PubSub {
  /** `127.0.0.1:4002` */
  readonly address: string;
  /** `userId`: whose change it is; the admin's unless given. */
  noted(mutation: Mutation, id: string, userId?: string): void;
  /** `POST /__sandbox/pubsub` */
  control(input: Readonly<Record<string, unknown>>): unknown;
  stop(): void;
}

/** Reference of the Subscribe method: an answer within 270 seconds, and 60 to ask for more. */
const KEEPALIVE_MS = 270_000;
const IDLE_MS = 60_000;

export async function startPubSub(org: Org, tokens: TokenStore, port: number): Promise<PubSub> {
  const bus = createEventBus(org);
  const lines = new Set<Line>();
  const settings: LineSettings = { keepaliveMs: KEEPALIVE_MS, idleMs: IDLE_MS, silent: false };
  const counts = { lines: 0, fetches: 0, requested: 0, sent: 0, schemas: 0 };
  bus.onEvent(() => {
    for (const line of lines) line.wake();
  });

  const server = new Server();
  server.addService(pubSubService(), {
    Subscribe: (call: SubscribeCall) => {
      counts.lines += 1;
      const line = serveLine(call, {
        bus,
        settings,
        refused: () => refusedFor(org, tokens, call.metadata),
        receiver: () => receiverFor(org, tokens, call.metadata),
        onFetch: (requested) => {
          counts.fetches += 1;
          counts.requested += requested;
        },
        onSent: (events) => {
          counts.sent += events;
        },
      });
      lines.add(line);
      call.on('close', () => lines.delete(line));
      call.on('cancelled', () => lines.delete(line));
    },
    GetTopic: (call: ServerUnaryCall<{ readonly topicName: string }, object>, answer: sendUnaryData<object>) => {
      const { topicName } = call.request;
      const topic = bus.topic(topicName);
      const refused =
        refusedFor(org, tokens, call.metadata) ??
        (topicName === '' ? refusal('topic.validation.empty') : topic === null ? refusal('topic.not.found') : null);
      if (refused !== null || topic === null) return answer(refused);
      return answer(null, {
        topicName,
        tenantGuid: org.id,
        canPublish: false,
        canSubscribe: topic.entity === null || receiverFor(org, tokens, call.metadata).mayReceive(topic.entity),
        schemaId: topic.schemaId,
        rpcId: 'sandbox',
      });
    },
    GetSchema: (call: ServerUnaryCall<{ readonly schemaId: string }, object>, answer: sendUnaryData<object>) => {
      counts.schemas += 1;
      const { schemaId } = call.request;
      const schemaJson = bus.schemaJson(schemaId);
      const refused =
        refusedFor(org, tokens, call.metadata) ?? (schemaJson === null ? refusal('schema.validation.failed') : null);
      return refused === null ? answer(null, { schemaJson, schemaId, rpcId: 'sandbox' }) : answer(refused);
    },
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, at) =>
      error === null ? resolve(at) : reject(error),
    );
  });

  return {
    address: `127.0.0.1:${bound}`,
    noted: bus.noted,
    control: (input) => {
      change(settings, input);
      const { gap, overflow, hold, release, select, cut } = input;
      if (gap !== undefined) bus.publish(gapOf(gap));
      if (typeof overflow === 'string') bus.publish({ object: overflow, changeType: 'GAP_OVERFLOW', ids: [] });
      if (select === null || isTexts(select)) bus.select(select);
      if (hold === true) bus.hold();
      const published = release === true ? { published: bus.release() } : {};
      if (cut !== undefined) {
        if (!isRefusalName(cut)) throw new ControlError('cut wants an error code such as service.unavailable');
        for (const line of lines) line.cut(refusal(cut));
      }
      if (input['silent'] === false) for (const line of lines) line.wake();
      return { address: `127.0.0.1:${bound}`, open: lines.size, ...counts, ...settings, ...published };
    },
    stop: () => server.forceShutdown(),
  };
}

function refusedFor(org: Org, tokens: TokenStore, metadata: Metadata): Refusal | null {
  const caller = callerOf(org, tokens, metadata);
  return caller.kind === 'refused' ? caller.refusal : null;
}

/** A caller who is refused meanwhile has to meet an event to be told so; it is never sent. */
function receiverFor(org: Org, tokens: TokenStore, metadata: Metadata): Receiver {
  const caller = callerOf(org, tokens, metadata);
  return caller.kind === 'user' ? receiver(org, caller.user) : { mayReceive: () => true, hides: () => null };
}

function change(settings: LineSettings, input: Readonly<Record<string, unknown>>): void {
  const { keepaliveMs, idleMs, silent } = input;
  if (typeof keepaliveMs === 'number') settings.keepaliveMs = keepaliveMs;
  if (typeof idleMs === 'number') settings.idleMs = idleMs;
  if (typeof silent === 'boolean') settings.silent = silent;
}

const GAPS: readonly ChangeType[] = ['GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE'];

function gapOf(gap: unknown): {
  readonly object: string;
  readonly changeType: ChangeType;
  readonly ids: readonly string[];
} {
  const { object, changeType, ids } = Object(gap) as Readonly<Record<string, unknown>>;
  const known = GAPS.find((one) => one === changeType);
  if (typeof object !== 'string' || known === undefined || !isTexts(ids))
    throw new ControlError(`gap wants {object, changeType: ${GAPS.join('|')}, ids: [...]}`);
  return { object, changeType: known, ids };
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

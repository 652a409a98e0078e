import { fileURLToPath } from 'node:url';
import type { ServerDuplexStream, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface FetchRequest {
  readonly topicName: string;
  readonly replayPreset: 'LATEST' | 'EARLIEST' | 'CUSTOM';
  readonly replayId: Buffer;
  readonly numRequested: number;
}

export interface ConsumerEvent {
  readonly event: { readonly id: string; readonly schemaId: string; readonly payload: Buffer };
  readonly replayId: Buffer;
}

export interface FetchResponse {
  readonly events: readonly ConsumerEvent[];
  readonly latestReplayId: Buffer;
  readonly rpcId: string;
  readonly pendingNumRequested: number;
}

export type SubscribeCall = ServerDuplexStream<FetchRequest, FetchResponse>;

/** The service as `pub-sub.proto` beside this file says it. */
export function pubSubService(): ServiceDefinition {
  const loaded = loadSync(fileURLToPath(new URL('./pub-sub.proto', import.meta.url)), {
    enums: String,
    defaults: true,
  });
  return loaded['eventbus.v1.PubSub'] as ServiceDefinition;
}

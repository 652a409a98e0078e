import { fileURLToPath } from 'node:url';
import {
  Client,
  credentials,
  Metadata,
  type ClientDuplexStream,
  type ClientOptions,
  type MethodDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { crashPoint, GantryError, outboundProxy } from '../../../kernel/index.ts';

export interface FetchRequest {
  readonly topicName?: string;
  readonly replayPreset?: 'LATEST' | 'CUSTOM';
  readonly replayId?: Uint8Array;
  readonly numRequested: number;
}

export interface FetchResponse {
  readonly events: readonly ConsumerEvent[];
  readonly latestReplayId: Uint8Array;
}

export interface ConsumerEvent {
  readonly event: { readonly id: string; readonly schemaId: string; readonly payload: Uint8Array } | null;
  readonly replayId: Uint8Array;
}

export interface TopicInfo {
  readonly canSubscribe: boolean;
}

/** Who calls: the headers that every call carries. */
export interface Caller {
  readonly accessToken: string;
  readonly instanceUrl: string;
  readonly orgId: string;
}

/** A channel to the Pub/Sub API. Calls raise what gRPC raises (`ServiceError`). */
export interface PubSubChannel {
  getTopic(topic: string): Promise<TopicInfo>;
  /** The Avro schema as JSON text. */
  getSchema(schemaId: string): Promise<string>;
  subscribe(): ClientDuplexStream<FetchRequest, FetchResponse>;
  close(): void;
}

export interface ChannelOptions {
  /** `https://host:port`, or `http://` where a sandbox listens on this machine. */
  readonly endpoint: string;
  readonly caller: Caller;
  /** A line whose other end does not answer a ping in time is cut. */
  readonly pingMs: number;
  readonly pingTimeoutMs: number;
  readonly callTimeoutMs: number;
}

/** A GetTopic or GetSchema answer is small, and events are at most 1 MB each. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

export function openChannel(options: ChannelOptions): PubSubChannel {
  const { caller, callTimeoutMs } = options;
  const url = endpointUrl(options.endpoint);
  const host = `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port}`;
  const through = proxied(host, url.hostname);
  const client = new Client(
    through.address,
    url.protocol === 'https:' ? credentials.createSsl() : credentials.createInsecure(),
    {
      'grpc.enable_http_proxy': 0,
      'grpc.keepalive_time_ms': options.pingMs,
      'grpc.keepalive_timeout_ms': options.pingTimeoutMs,
      'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
      // Reconnecting is the caller's: it knows from which place.
      'grpc.enable_retries': 0,
      'grpc.use_local_subchannel_pool': 1,
      ...through.options,
    },
  );
  const metadata = new Metadata();
  metadata.set('accesstoken', caller.accessToken);
  metadata.set('instanceurl', caller.instanceUrl);
  metadata.set('tenantid', caller.orgId);

  const ask = async <Answer>(name: 'GetTopic' | 'GetSchema', request: object): Promise<Answer> => {
    const { path, requestSerialize, responseDeserialize } = method<object, Answer>(name);
    crashPoint('connector.pubsub_ask.before_send');
    const answer = await new Promise<Answer>((resolve, reject) => {
      const call = client.makeUnaryRequest<object, Answer>(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        (error: ServiceError | null, value?: Answer) => {
          clearTimeout(timer);
          if (error === null && value !== undefined) resolve(value);
          else reject(error ?? new Error('an answer without a value'));
        },
      );
      const timer = setTimeout(() => call.cancel(), callTimeoutMs);
    });
    crashPoint('connector.pubsub_ask.after_send');
    return answer;
  };

  return {
    getTopic: (topicName) => ask<TopicInfo>('GetTopic', { topicName }),
    getSchema: async (schemaId) => (await ask<{ readonly schemaJson: string }>('GetSchema', { schemaId })).schemaJson,
    subscribe: () => {
      const { path, requestSerialize, responseDeserialize } = method<FetchRequest, FetchResponse>('Subscribe');
      crashPoint('connector.pubsub_subscribe.before_send');
      return client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    },
    close: () => client.close(),
  };
}

/** In clear only to this machine: the token travels with every call. */
function endpointUrl(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  const isLocal = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) return url;
  throw new GantryError('config_invalid', {
    message: 'The address of the event line is not one such as https://api.pubsub.salesforce.com:7443.',
    where: 'GANTRY_APP_*_EVENTS_URL',
  });
}

/** Where an operator set a proxy, the channel goes through it by CONNECT, and still speaks TLS with Salesforce. */
function proxied(host: string, name: string): { readonly address: string; readonly options: ClientOptions } {
  const proxy = outboundProxy();
  if (proxy === null) return { address: `dns:${host}`, options: {} };
  const { hostname, port, username, password } = new URL(proxy);
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    address: `dns:${hostname}:${port === '' ? '80' : port}`,
    options: {
      'grpc.http_connect_target': `dns:${host}`,
      'grpc.default_authority': name,
      ...(username === '' ? {} : { 'grpc.http_connect_creds': pair }),
    },
  };
}

let service: ReturnType<typeof loadSync> | null = null;

function method<Request, Answer>(name: string): MethodDefinition<Request, Answer> {
  service ??= loadSync(fileURLToPath(new URL('./pub-sub.proto', import.meta.url)), { enums: String, defaults: true });
  const methods = service['eventbus.v1.PubSub'] as unknown as Readonly<
    Record<string, MethodDefinition<Request, Answer>>
  >;
  const found = methods[name];
  if (found === undefined) throw new Error(`pub-sub.proto has no ${name}`);
  return found;
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderEvent, WebhookDelivery, WebhookSource } from '../../src/connectors/index.ts';

/** A server that takes what providers send, as the door of Gantry would hand it on. */
export interface Receiver {
  readonly url: string;
  readonly deliveries: readonly WebhookDelivery[];
  /** What they tell, after the signature: one that is wrong throws. */
  told(source: WebhookSource, secret: string): readonly ProviderEvent[];
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const deliveries: WebhookDelivery[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      deliveries.push({
        headers: Object.fromEntries(headers) as Record<string, string>,
        body: Buffer.concat(chunks),
        url: `${origin()}${request.url ?? ''}`,
        method: request.method ?? '',
        receivedAt: new Date(),
      });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = (): string => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url: `${origin()}/hooks/address_of_one_connection`,
    deliveries,
    told: (source, secret) =>
      deliveries.flatMap((delivery) => {
        source.verify(delivery, secret);
        const reading = source.read(delivery);
        return reading.kind === 'events' ? reading.events : [];
      }),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

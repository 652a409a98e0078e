import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

/** An identity provider that is not ours: it signs what it is told, and shows its keys over HTTP. */
export interface TestIssuer {
  readonly url: string;
  /** Times that its keys were asked for. */
  readonly asked: () => number;
  sign(claims: JWTPayload, more?: { readonly kid?: string; readonly typ?: string }): Promise<string>;
  /** A new key signs from now on; the old one is shown no more. */
  rotate(): Promise<void>;
  /** Answers like this instead of with its keys. */
  fail(status: number | null): void;
  stop(): Promise<void>;
}

export async function startIssuer(alg: 'RS256' | 'ES256' = 'RS256'): Promise<TestIssuer> {
  let asked = 0;
  let failing: number | null = null;
  let number = 0;
  let pair = await generateKeyPair(alg, { extractable: true });
  const show = async (response: ServerResponse): Promise<void> => {
    const key = await exportJWK(pair.publicKey);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: [{ ...key, kid: `k${String(number)}`, alg, use: 'sig' }] }));
  };
  const server = createServer((_, response) => {
    asked += 1;
    if (failing !== null) {
      response.writeHead(failing).end();
      return;
    }
    void show(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    asked: () => asked,
    sign: (claims, { kid = `k${String(number)}`, typ = 'JWT' } = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid, typ }).sign(pair.privateKey),
    rotate: async () => {
      pair = await generateKeyPair(alg, { extractable: true });
      number += 1;
    },
    fail: (status) => {
      failing = status;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

import { adminOf, browse, type RunningSandboxProcess } from '../../../sandbox/client/index.ts';

export interface ObjectProgress {
  readonly connection: string;
  readonly object: string;
  readonly records: number;
  readonly expected: number | null;
  readonly backfill: 'pending' | 'running' | 'complete';
}

/** What the product team's backend and a person in a browser do, over HTTP only. */
export interface Operator {
  /** Starts a sign-in, walks through the provider's pages, and comes back to the callback. */
  connect(integration: string, sandbox: RunningSandboxProcess): Promise<void>;
  /** Connects a system that has no sign-in in a browser, with what its administrator enters. */
  connectByKey(integration: string, values: Readonly<Record<string, string>>): Promise<void>;
  sync(connection: string, objects?: readonly string[]): Promise<void>;
  progress(): Promise<readonly ObjectProgress[]>;
  /** Resolves when every object of these connections is loaded. */
  loaded(connections: readonly string[], onProgress?: (objects: readonly ObjectProgress[]) => void): Promise<void>;
}

interface OperatorOptions {
  readonly url: string;
  readonly operatorKey: string;
  readonly tenant: string;
}

const LOOK_EVERY_MS = 250;

export function createOperator({ url, operatorKey, tenant }: OperatorOptions): Operator {
  const ask = async <Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${String(response.status)}: ${text}`);
    return JSON.parse(text) as Answer;
  };
  const progress = async (): Promise<ObjectProgress[]> => {
    const { connections } = await ask<{
      connections: { connection: string; objects: Omit<ObjectProgress, 'connection'>[] }[];
    }>('GET', `/v1/connections?tenant=${tenant}`);
    return connections.flatMap(({ connection, objects }) => objects.map((object) => ({ ...object, connection })));
  };
  return {
    connect: async (integration, sandbox) => {
      const { authorize_url } = await ask<{ authorize_url: string }>('POST', '/v1/connections', {
        tenant,
        integration,
        login_url: sandbox.url,
      });
      const back = await browse(authorize_url, `${url}/oauth/callback`, adminOf(sandbox));
      const page = await fetch(back);
      if (!page.ok) throw new Error(`the sign-in to ${integration} failed: ${await page.text()}`);
    },
    connectByKey: async (integration, values) => {
      await ask('POST', '/v1/connections', { tenant, integration, method: 'api_key', values });
    },
    sync: async (connection, objects) => {
      await ask('POST', `/v1/connections/${connection}/sync`, {
        tenant,
        ...(objects === undefined ? {} : { objects }),
      });
    },
    progress,
    loaded: async (connections, onProgress) => {
      for (;;) {
        const objects = await progress();
        onProgress?.(objects);
        const present = new Set(objects.map((object) => object.connection));
        const all = connections.every((connection) => present.has(connection));
        if (all && objects.every((object) => object.backfill === 'complete')) return;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
  };
}

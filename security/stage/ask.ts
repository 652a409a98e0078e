import type { Json } from '../../src/kernel/index.ts';
import type { SecurityStage } from './security-stage.ts';

export interface Asked {
  readonly status: number;
  readonly text: string;
  /** Null where the body is not JSON. */
  readonly body: Json;
}

/** One call of the REST door with any bearer, and more headers where it has some; a stream is let go once its head is there. */
export async function ask(
  { url }: Pick<SecurityStage, 'url'>,
  who: string | { readonly bearer: string; readonly headers: Readonly<Record<string, string>> },
  method: string,
  path: string,
  body?: unknown,
): Promise<Asked> {
  const { bearer, headers } = typeof who === 'string' ? { bearer: who, headers: {} } : who;
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined || method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  if ((response.headers.get('content-type') ?? '').includes('event-stream')) {
    const text = await firstOf(response);
    return { status: response.status, text, body: null };
  }
  const text = await response.text();
  try {
    return { status: response.status, text, body: JSON.parse(text) as Json };
  } catch {
    return { status: response.status, text, body: null };
  }
}

const LISTEN_MS = 300;

/** What a stream says at once. */
async function firstOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  let text = '';
  const late = new Promise<null>((resolve) => {
    setTimeout(() => resolve(null), LISTEN_MS);
  });
  for (;;) {
    const part = await Promise.race([reader.read(), late]);
    if (part === null || part.done) break;
    text += Buffer.from(part.value).toString();
  }
  await reader.cancel();
  return text;
}

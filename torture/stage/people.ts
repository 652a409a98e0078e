import { answerOf, type Answer } from './answer.ts';

/** Operators with keys of their own. */
export interface People {
  /** Makes one, or gives the one that there is another key. */
  hire(name: string, role: 'approver' | 'admin'): Promise<void>;
  dismiss(name: string): Promise<void>;
  /** A call with the key of one of them. Raises where nobody answers. */
  ask(name: string, method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer>;
  /** Nobody may find one anywhere. */
  readonly keys: readonly string[];
}

export function createPeople(url: string, operatorKey: string): People {
  const keys = new Map<string, string>();
  const all: string[] = [];
  const call = (key: string, method: string, path: string, body?: object): Promise<Answer> =>
    answerOf(
      fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  return {
    keys: all,
    hire: async (name, role) => {
      const { status, body } = await call(operatorKey, 'POST', '/v1/operators', { name, role });
      const { key } = body;
      if (typeof key !== 'string') throw new Error(`no operator ${name}: ${String(status)} ${JSON.stringify(body)}`);
      keys.set(name, key);
      all.push(key);
    },
    dismiss: async (name) => void (await call(operatorKey, 'DELETE', `/v1/operators/${name}`)),
    ask: (name, method, path, body) => call(keys.get(name) ?? '', method, path, body),
  };
}

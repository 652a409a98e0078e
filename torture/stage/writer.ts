import { appendFileSync, closeSync, openSync } from 'node:fs';
import { answerOf, type Answer } from './answer.ts';

/** A plan that was acknowledged: from then on it has to come to its end. */
export interface Accepted {
  /** Wall clock, ms. */
  readonly at: number;
  readonly tenant: string;
  readonly plan: string;
}

/** What an agent asks for, as `prepare_write` takes it. */
export interface Wanted {
  readonly operation: 'create' | 'update';
  /** Native (`crm.Contact`), or a model. */
  readonly object: string;
  readonly records: readonly object[];
}

/** An agent that writes, in all customers. Calls raise where nobody answers. */
export interface Writer {
  /** One Accepted a line. */
  readonly file: string;
  /** `key`: the same request again has the same plan. */
  prepare(tenant: string, wanted: Wanted, key?: string): Promise<Answer>;
  /** What was accepted is noted for the checker. */
  commit(tenant: string, plan: string): Promise<Answer>;
  status(tenant: string, plan: string): Promise<Answer>;
  undo(tenant: string, plan: string): Promise<Answer>;
}

/** `keys`: by tenant. */
export function createWriter({
  url,
  keys,
  file,
}: {
  readonly url: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly file: string;
}): Writer {
  closeSync(openSync(file, 'a'));
  const call = (tenant: string, method: 'GET' | 'POST', path: string, body?: object, key?: string): Promise<Answer> =>
    answerOf(
      fetch(`${url}/v1/write-plans${path}`, {
        method,
        headers: {
          authorization: `Bearer ${keys[tenant] ?? ''}`,
          'content-type': 'application/json',
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  return {
    file,
    prepare: (tenant, wanted, key) => call(tenant, 'POST', '', wanted, key),
    commit: async (tenant, plan) => {
      const answer = await call(tenant, 'POST', `/${plan}/commit`, {});
      if (answer.status === 200) {
        const accepted: Accepted = { at: Date.now(), tenant, plan };
        appendFileSync(file, `${JSON.stringify(accepted)}\n`);
      }
      return answer;
    },
    status: (tenant, plan) => call(tenant, 'GET', `/${plan}`),
    undo: (tenant, plan) => call(tenant, 'POST', `/${plan}/undo`, {}),
  };
}

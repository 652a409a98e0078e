import { parse } from 'csv-parse/sync';
import { call, DATA, type Answer, type OrgClient } from './org-client.ts';

export interface JobInfo {
  readonly id: string;
  readonly state: string;
  readonly numberRecordsProcessed?: number;
  readonly errorMessage?: string;
  readonly [name: string]: unknown;
}

/** Query jobs over plain HTTP. */
export interface BulkClient {
  /** Any call below `/jobs/query`. */
  send(method: string, path?: string, body?: unknown, token?: string): Promise<Answer>;
  /** Creates a job; throws unless it is accepted. */
  create(query: string, more?: object): Promise<JobInfo>;
  info(id: string): Promise<JobInfo>;
  /** Moves the sandbox's clock on until the job is over. */
  finish(id: string): Promise<JobInfo>;
  results(id: string, query?: string): Promise<Answer>;
}

export function bulkClient(org: OrgClient): BulkClient {
  const send: BulkClient['send'] = (method, path = '', body, token = org.tokens.access_token) =>
    call(org.sandbox, `${DATA}/jobs/query${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const info: BulkClient['info'] = async (id) => (await send('GET', `/${id}`)).json as JobInfo;
  return {
    send,
    info,
    create: async (query, more = {}) => {
      const answer = await send('POST', '', { operation: 'query', query, ...more });
      if (answer.status !== 200) throw new Error(`${query}: ${answer.status} ${answer.text}`);
      return answer.json as JobInfo;
    },
    finish: async (id) => {
      for (let look = 0; look < 100; look += 1) {
        const job = await info(id);
        if (job.state !== 'UploadComplete' && job.state !== 'InProgress') return job;
        await org.sandbox.control('POST', 'clock', { advanceMs: 600_000 });
      }
      throw new Error(`job ${id} did not end`);
    },
    results: (id, query = '') => send('GET', `/${id}/results${query}`),
  };
}

/** Rows of a set of results by column name. */
export function rowsOf(csv: string, delimiter = ','): readonly Readonly<Record<string, string>>[] {
  return parse<Record<string, string>>(csv, { columns: true, delimiter });
}

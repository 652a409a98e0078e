import { DATA, startOrg, type Answer, type OrgClient, type QueryPage } from './org-client.ts';
import type { SandboxStart } from '../../sandbox/client/index.ts';

type Row = QueryPage['records'][number];

/** One user's view of the org, over the API alone. */
export interface Viewer {
  readonly username: string;
  /** Every row of a query, page after page. Throws unless it is answered. */
  rows(soql: string, all?: boolean): Promise<readonly Row[]>;
  ids(object: string): Promise<ReadonlySet<string>>;
  /** Error code of a query that is refused; null: it was answered. */
  refusal(soql: string): Promise<string | null>;
  get(path: string): Promise<Answer>;
}

/** What `visible` says of one object. */
export interface Told {
  readonly readable: boolean;
  readonly viewAll: boolean;
  readonly ids: readonly string[];
  readonly fields: readonly string[];
}

export interface SharingOrg {
  readonly org: OrgClient;
  readonly admin: Viewer;
  readonly usernames: readonly string[];
  /** By username or number among those who may sign in; 0 is the administrator. */
  viewer(user: string | number): Viewer;
  id(user: string | number): string;
  change(form: object): Promise<unknown>;
  told(user: string): Promise<Readonly<Record<string, Told>>>;
  create(object: string, fields: object): Promise<string>;
  update(object: string, id: string, fields: object): Promise<void>;
  remove(object: string, id: string): Promise<void>;
  /** Ids that a bulk query job finds for a user. */
  bulk(viewer: Viewer, soql: string): Promise<ReadonlySet<string>>;
  stop(): Promise<void>;
}

export async function startSharingOrg(start: SandboxStart = {}): Promise<SharingOrg> {
  const org = await startOrg(start);
  const { users } = org.sandbox.health;
  const { tokens } = await org.sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', { users: 'all' });
  const viewer = (username: string): Viewer => {
    const token = tokens[username] ?? '';
    const get = (path: string): Promise<Answer> => org.get(path, { token });
    const page = async (path: string): Promise<QueryPage> => {
      const answer = await get(path);
      if (answer.status !== 200) throw new Error(`${username} ${path}: ${answer.text}`);
      return answer.json as QueryPage;
    };
    const rows = async (soql: string, all = false): Promise<readonly Row[]> => {
      let next: string | undefined = `${DATA}/query${all ? 'All' : ''}?q=${encodeURIComponent(soql)}`;
      const found: Row[] = [];
      while (next !== undefined) {
        const answer: QueryPage = await page(next);
        found.push(...answer.records);
        next = answer.nextRecordsUrl;
      }
      return found;
    };
    return {
      username,
      get,
      rows,
      ids: async (object) => new Set((await rows(`SELECT Id FROM ${object}`)).map((row) => String(row['Id']))),
      refusal: async (soql) => {
        const answer = await get(`${DATA}/query?q=${encodeURIComponent(soql)}`);
        return answer.status === 200 ? null : ((answer.json as { errorCode: string }[])[0]?.errorCode ?? '');
      },
    };
  };
  const named = (user: string | number): (typeof users)[number] => {
    const username = typeof user === 'number' ? Object.keys(tokens)[user] : user;
    const found = users.find((one) => one.username === username);
    if (found === undefined) throw new Error(`no user ${user}`);
    return found;
  };
  return {
    org,
    admin: viewer(org.admin.username),
    usernames: Object.keys(tokens),
    viewer: (user) => viewer(named(user).username),
    id: (user) => named(user).id,
    change: (form) => org.sandbox.control('POST', 'sharing', form),
    told: async (user) =>
      (await org.sandbox.control<{ objects: Record<string, Told> }>('POST', 'visible', { user })).objects,
    create: async (object, fields) =>
      (await org.sandbox.mutate({ op: 'create', object, fields: fields as Record<string, unknown> })).id,
    update: async (object, id, fields) => {
      await org.sandbox.mutate({ op: 'update', object, id, fields: fields as Record<string, unknown> });
    },
    remove: async (object, id) => {
      await org.sandbox.mutate({ op: 'delete', object, id });
    },
    bulk: async (reader, query) => {
      const headers = { authorization: `Bearer ${tokens[reader.username] ?? ''}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ operation: 'query', query });
      const started = await fetch(`${org.sandbox.url}${DATA}/jobs/query`, { method: 'POST', headers, body });
      const { id } = (await started.json()) as { id: string };
      await org.sandbox.control('POST', 'clock', { advanceMs: 60_000 });
      const lines = (await reader.get(`${DATA}/jobs/query/${id}/results`)).text.trim().split('\n');
      return new Set(lines.slice(1));
    },
    stop: () => org.stop(),
  };
}

export interface LiveApi {
  readonly apiUrl: string;
  readonly accessToken: string;
  /** What else every call has to say. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LiveDeal {
  readonly id: string;
  readonly name: string;
  /** In euro; null where the contract is in another currency. */
  readonly amount: number | null;
  readonly tickets: number;
  readonly lastQbr: string;
}

export interface LiveAnswer {
  readonly deals: readonly LiveDeal[];
  readonly calls: number;
  readonly ms: number;
}

/** Calls at once: what a careful client allows itself against a shared quota. */
const PARALLEL = 8;

/** GET, or POST where there is a body; waits as the provider says. */
export async function callApi<Body>(
  api: LiveApi,
  counter: { calls: number },
  path: string,
  body?: object,
): Promise<Body> {
  for (;;) {
    counter.calls += 1;
    const response = await fetch(`${api.apiUrl}${path}`, {
      headers: {
        authorization: `Bearer ${api.accessToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...api.headers,
      },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (response.status === 429) {
      await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(response.headers.get('retry-after') ?? '1')));
      continue;
    }
    if (!response.ok) throw new Error(`${path.split('?')[0] ?? path} answered ${String(response.status)}`);
    return (await response.json()) as Body;
  }
}

export async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}

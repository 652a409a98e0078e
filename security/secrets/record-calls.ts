/** One answer that came over HTTP, whoever asked. */
export interface Call {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

export interface Recording {
  readonly calls: readonly Call[];
  /** Tokens that login services handed out: of every answer with such a member. */
  readonly tokens: ReadonlySet<string>;
}

const TOKENS = ['access_token', 'refresh_token', 'id_token', 'assertion'];

/** From now on notes every answer that this process gets, and every credential in calls and answers of login services. */
export function recordCalls(): Recording {
  const calls: Call[] = [];
  const tokens = new Set<string>();
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await real(input, init);
    const url = input instanceof Request ? input.url : input.toString();
    if (!/json|html|text\/plain/.test(response.headers.get('content-type') ?? '')) return response;
    const text = await response.clone().text();
    calls.push({ url, status: response.status, text });
    for (const [, name, value] of text.matchAll(/"(\w+)"\s*:\s*"([^"]{16,})"/g)) {
      if (name !== undefined && value !== undefined && TOKENS.includes(name))
        tokens.add(JSON.parse(`"${value}"`) as string);
    }
    return response;
  };
  return { calls, tokens };
}

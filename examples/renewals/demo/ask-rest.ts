/** Gantry's REST, as whoever has the key. Raises where the answer is no success, with the code of the problem as `cause`. */
export type AskRest = <Answer>(method: 'GET' | 'POST', path: string, body?: object) => Promise<Answer>;

export function askRest(url: string, key: string): AskRest {
  return async <Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = JSON.parse(text) as Answer & { readonly code?: string };
    if (response.ok) return answer;
    throw new Error(`${method} ${path} answered ${String(response.status)}: ${text}`, { cause: answer.code });
  };
}

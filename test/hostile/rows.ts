import type { TrueAnswer, Mangle } from './mangling-proxy.ts';

/** The JSON rows of an answer, wherever the provider puts them; they may be changed in place. */
function rowsIn(body: unknown): Record<string, unknown>[] {
  if (Array.isArray(body)) return body as Record<string, unknown>[];
  const holder = body as Readonly<Record<string, unknown>>;
  for (const key of ['records', 'tickets', 'result', 'items']) {
    if (Array.isArray(holder[key])) return holder[key] as Record<string, unknown>[];
  }
  return [];
}

export type Row = Record<string, unknown>;

/** The true answer with its rows changed. Answers without rows go through as they are. */
export function withRows(change: (rows: Row[]) => void, spell: (text: string) => string = (text) => text): Mangle {
  return ({ status, headers, body }: TrueAnswer, response) => {
    const value: unknown = JSON.parse(body.toString());
    const rows = rowsIn(value);
    if (rows.length > 0) change(rows);
    response.writeHead(status, { ...headers }).end(spell(JSON.stringify(value)));
  };
}

/** The true answer with its text changed. */
export function withText(change: (text: string) => string, headers: Readonly<Record<string, string>> = {}): Mangle {
  return (answer, response) => {
    response.writeHead(answer.status, { ...answer.headers, ...headers }).end(change(answer.body.toString()));
  };
}

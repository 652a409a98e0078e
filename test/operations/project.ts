import { readFile } from 'node:fs/promises';

/** The example of docs/operations.md. */
export async function documentedOperation(): Promise<string> {
  const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const text = /^```ts operations\/renew\.ts\n([\s\S]*?)^```$/m.exec(page)?.[1];
  if (text === undefined) throw new Error('the page shows no operation');
  return text;
}

/** The body of an answer as text; null where it is larger, and then it is not read to its end. */
export async function boundedText(response: Response, bytesMax: number): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) return Buffer.concat(parts).toString('utf8');
    bytes += next.value.byteLength;
    if (bytes > bytesMax) {
      await reader?.cancel().catch(() => undefined);
      return null;
    }
    parts.push(next.value);
  }
}

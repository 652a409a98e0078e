/** A body's text; null where it is larger, and then it is not read to its end. */
export async function boundedText(request: Request, bytesMax: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) return Buffer.concat(chunks).toString('utf8');
    bytes += next.value.byteLength;
    if (bytes > bytesMax) {
      void reader?.cancel().catch(() => undefined);
      return null;
    }
    chunks.push(next.value);
  }
}

/**
 * Another name at each call. A process claims each turn under one of its own:
 * whoever lost a turn may be in the same process, and must not keep anything
 * of it either.
 */
export function numbered(name: string): () => string {
  let count = 0;
  return () => `${name}.${String((count += 1))}`;
}

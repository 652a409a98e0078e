/** Those that stand there `most` times or oftener, each once: whoever has all the places that one may have. */
export function takenUp<Item>(places: Iterable<Item>, most: number): Item[] {
  const counts = new Map<Item, number>();
  for (const item of places) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= most).map(([item]) => item);
}

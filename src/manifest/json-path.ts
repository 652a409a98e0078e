export type JsonPathResult =
  | { readonly kind: 'ok'; readonly path: readonly (string | number)[] }
  | { readonly kind: 'mistake'; readonly message: string };

const part = /(\.?)([A-Za-z_$][A-Za-z0-9_$-]*)|\[(0|[1-9][0-9]{0,8})\]|\["([^"\\*]{1,200})"\]/y;

/** `items[0].sku` to its keys and list places, which count from 0; `["unit price"]` for keys that are no plain words. */
export function parseJsonPath(text: string): JsonPathResult {
  const path: (string | number)[] = [];
  let at = 0;
  while (at < text.length) {
    part.lastIndex = at;
    const found = part.exec(text);
    const [whole = '', dot, key, place, quoted] = found ?? [];
    // A dot stands between a key and what came before, and only there.
    if (found === null || (key !== undefined && (dot === '.') !== at > 0)) {
      return { kind: 'mistake', message: `\`${text}\` cannot be read from position ${at + 1} on.` };
    }
    path.push(place === undefined ? (key ?? quoted ?? '') : Number(place));
    at += whole.length;
  }
  return { kind: 'ok', path };
}

/**
 * Salesforce record ids: a three-character key prefix of the object, an
 * instance part, a counter in base 62, and three characters that make the id
 * safe for systems that ignore case. Ids of one prefix sort like their
 * indexes, character by character.
 */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECK = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const INSTANCE = '5g0';
const COUNTER_LENGTH = 9;
const INDEX_MAX = Number.MAX_SAFE_INTEGER;

/** The 18-character id of the record with this index (0, 1, 2, ...) under a key prefix such as `001`. */
export function salesforceId(prefix: string, index: number): string {
  if (!/^[0-9A-Za-z]{3}$/.test(prefix)) throw new Error(`not a key prefix: ${prefix}`);
  if (!Number.isSafeInteger(index) || index < 0) throw new Error(`not a record index: ${index}`);
  let counter = '';
  for (let rest = index; counter.length < COUNTER_LENGTH; rest = Math.floor(rest / 62)) {
    counter = DIGITS.charAt(rest % 62) + counter;
  }
  const short = prefix + INSTANCE + counter;
  return longId(short);
}

/** The 18-character form of a 15-character id. */
export function longId(short: string): string {
  if (!/^[0-9A-Za-z]{15}$/.test(short)) throw new Error(`not an id of 15 characters: ${short}`);
  return short + checksum(short);
}

/** Prefix and index behind an id of 15 or 18 characters; null if it is none of ours or its checksum is wrong. */
export function parseSalesforceId(id: string): { readonly prefix: string; readonly index: number } | null {
  if (!/^[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?$/.test(id)) return null;
  const short = id.slice(0, 15);
  if (id.length === 18 && id.slice(15) !== checksum(short)) return null;
  if (short.slice(3, 3 + INSTANCE.length) !== INSTANCE) return null;
  let index = 0;
  for (const char of short.slice(3 + INSTANCE.length)) index = index * 62 + DIGITS.indexOf(char);
  return index <= INDEX_MAX ? { prefix: short.slice(0, 3), index } : null;
}

/**
 * Each of the three characters holds the capital letters of five others as
 * bits, first character lowest.
 */
function checksum(short: string): string {
  let result = '';
  for (let start = 0; start < 15; start += 5) {
    let bits = 0;
    for (let at = 0; at < 5; at += 1) {
      const char = short.charAt(start + at);
      if (char >= 'A' && char <= 'Z') bits |= 1 << at;
    }
    result += CHECK.charAt(bits);
  }
  return result;
}

import { scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from '../kernel/index.ts';

/** OWASP, "Password Storage Cheat Sheet": scrypt with N = 2^15, r = 8, p = 3, about 32 MB and 0.2 s. */
const cost = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 2 ** 20 };
const BYTES = 32;

/** `scrypt$N$r$p$salt$hash`: says how it was made, so that the cost may grow. */
export async function hashPassword(password: string, random: Random): Promise<string> {
  const salt = random.bytes(16);
  const hash = await derive(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, base64(salt), base64(hash)].join('$');
}

/** `kept` null: there is no such user; it takes as long, so that nobody learns that. */
export async function passwordFits(password: string, kept: string | null): Promise<boolean> {
  const [, n, r, p, salt = '', hash = ''] = (kept ?? NOBODYS).split('$');
  const expected = Buffer.from(hash, 'base64url');
  const made = await derive(password, Buffer.from(salt, 'base64url'), {
    N: Number(n),
    r: Number(r),
    p: Number(p),
    maxmem: cost.maxmem,
  });
  return kept !== null && expected.length === made.length && timingSafeEqual(expected, made);
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

const NOBODYS = ['scrypt', cost.N, cost.r, cost.p, base64(new Uint8Array(16)), base64(new Uint8Array(BYTES))].join('$');

function derive(password: string, salt: Uint8Array, by: typeof cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same signs, however they were put together on the keyboard.
    scrypt(password.normalize('NFKC'), salt, BYTES, by, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

import { randomBytes } from 'node:crypto';
import type { Random } from './clock.ts';

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  // 48 bits: the largest whole number of bytes that a double holds exactly.
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
};

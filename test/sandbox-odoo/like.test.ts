import { describe, expect, it } from 'vitest';
import { likeTest } from '../../sandbox/odoo/orm/like.ts';

describe('a pattern of like', () => {
  it('takes every sign but % and _ for itself', () => {
    for (let code = 32; code < 127; code += 1) {
      const sign = String.fromCharCode(code);
      const pattern = /[%_\\]/.test(sign) ? `\\${sign}` : sign;
      expect(likeTest('=like', `a${pattern}b%`)(`a${sign}bc`), sign).toBe(true);
      expect(likeTest('=like', `a${pattern}b%`)('a\u0001bc'), sign).toBe(false);
    }
    expect(likeTest('ilike', 'TS-q')('Its-Q3')).toBe(true);
    expect(likeTest('=like', 'a_%')('ab')).toBe(true);
  });
});

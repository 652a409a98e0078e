import { GantryError, limits } from '../kernel/index.ts';
import type { SqlCaller } from './contract.ts';
import type { HostLink } from './host-link.ts';
import { sqlError } from './reads.ts';

/** DuckDB's parse of an agent's statement, as JSON text. One that takes long costs its caller the answer and nobody else. */
export async function parseAgentSql(host: HostLink, sql: string, { tenant, session }: SqlCaller): Promise<string> {
  checkParsable(sql);
  const timeoutMs = limits.sqlTimeoutMs;
  try {
    return await host.call('parse', { tenant, session, sql, timeoutMs }, limits.sqlParseEndMs, timeoutMs);
  } catch (error) {
    throw sqlError(error);
  }
}

/**
 * DuckDB's lexer goes over unclosed comments again for each opener, and over a
 * row of signs again for each sign and each shorter row (measured: 9,900
 * openers take a second, 1,600 signs as well). Texts and comments are not told
 * apart: who writes so many there can write them differently.
 */
function checkParsable(sql: string): void {
  if (sql.split('/*').length - 1 > limits.sqlCommentsMax) {
    throw tooLarge(`A statement has at most ${limits.sqlCommentsMax} comments of the kind /* */.`);
  }
  // Minus signs alone are a comment, and decorate many.
  const rows = sql.match(signRows) ?? [];
  if (rows.some((row) => row.length > limits.sqlSignRunMax && row.includes('+'))) {
    throw tooLarge(`A statement has at most ${limits.sqlSignRunMax} plus and minus signs in a row.`);
  }
}

const signRows = /[+-]+/g;

const tooLarge = (message: string): GantryError => new GantryError('query_too_large', { message, where: 'sql' });

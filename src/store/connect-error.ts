import { GantryError } from '../kernel/index.ts';
import { sqlState } from './sql-errors.ts';

/**
 * A failed first connection, in words that name the server and database, never
 * the password: whoever set the address has to see what is wrong with it.
 */
export function connectError(error: unknown, connectionString: string): unknown {
  const place = placeOf(connectionString);
  if (place === null) {
    return new GantryError('store_address_invalid', {
      message: 'The database address is not one of PostgreSQL.',
      where: 'DATABASE_URL',
      cause: error,
    });
  }
  const state = sqlState(error);
  if (state === '3D000') return refused(`There is no database ${place.database} at ${place.server}.`, error);
  if (state === '28P01' || state === '28000') {
    return refused(`${place.server} refuses user ${place.user} or the password.`, error);
  }
  if (error instanceof GantryError && error.code === 'store_unavailable') {
    return new GantryError('store_unavailable', {
      message: `No PostgreSQL answers at ${place.server}.`,
      where: 'DATABASE_URL',
      cause: error,
    });
  }
  return error;
}

function refused(message: string, cause: unknown): GantryError {
  return new GantryError('store_address_invalid', { message, where: 'DATABASE_URL', cause });
}

function placeOf(connectionString: string): { server: string; database: string; user: string } | null {
  if (!URL.canParse(connectionString)) return null;
  const url = new URL(connectionString);
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') return null;
  // A socket's directory stands in the query.
  const host = url.searchParams.get('host') ?? url.hostname;
  return {
    server: url.port === '' ? host : `${host}:${url.port}`,
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
  };
}

import type { Caller, VisibleObject } from '../../access/index.ts';
import { GantryError, isJsonObject, limits, type Json } from '../../kernel/index.ts';
import type { Lens } from '../../lens/index.ts';
import { accessUnknown } from '../rights/withheld.ts';
import { checkWrapped } from './check-query.ts';
import type { Columns } from './scope.ts';
import { placeAt, textOf, type Statement } from './nodes.ts';

/**
 * Reads an agent's statement with DuckDB's own parser and checks it node by
 * node against what is known to be harmless, over the caller's relations.
 * Returns the relations that it uses, each with the columns that it reads. The statement itself is run from its
 * original text: the parse loses parts of it.
 */
export async function checkSql(
  lens: Pick<Lens, 'parseSql'>,
  caller: Caller,
  text: string,
): Promise<Map<VisibleObject, ReadonlySet<string>>> {
  checkText(text);
  const statements = readParse(text, await lens.parseSql(text, { tenant: caller.tenant, session: caller.agent }));
  const [only, second] = statements;
  if (only === undefined) throw refusedWhole('There is no statement.');
  if (second !== undefined) throw refusedWhole('One statement at a time.');
  const statement: Statement = { text, nodes: 0, columns: 0, read: new Set() };
  const used = new Map<VisibleObject, readonly Columns[]>();
  const relations = new Map<string, VisibleObject>();
  for (const object of caller.objects.values()) relations.set(object.name.toLowerCase(), object);
  const withheld = new Map(
    [...caller.withheld].map(([name, sources]) => [name.toLowerCase(), () => accessUnknown(name, sources, 'sql')]),
  );
  checkWrapped(only, {
    statement,
    relations,
    withheld,
    used,
    ctes: new Map(),
    parent: null,
    depth: 0,
    check: checkWrapped,
  });
  return new Map([...used].map(([object, uses]) => [object, columnsRead(statement, object, uses)]));
}

function columnsRead({ read }: Statement, { fields }: VisibleObject, uses: readonly Columns[]): ReadonlySet<string> {
  const isRead = (column: string): boolean =>
    uses.some((columns) => {
      const facts = columns.get(column.toLowerCase());
      return facts !== undefined && read.has(facts);
    });
  return new Set([...fields.values()].flatMap(({ column }) => (isRead(column) ? column : [])));
}

function checkText(text: string): void {
  if (Buffer.byteLength(text, 'utf8') > limits.sqlTextBytesMax) {
    throw new GantryError('query_too_large', {
      message: `A statement has at most ${limits.sqlTextBytesMax} bytes.`,
      where: 'sql',
    });
  }
  // The parser would read up to a NUL and the engine perhaps beyond it.
  if (text.includes('\0') || !text.isWellFormed()) throw refusedWhole('A NUL character or half of a surrogate pair');
}

function readParse(text: string, parse: string): readonly Json[] {
  let json: unknown;
  try {
    json = JSON.parse(parse);
  } catch {
    // Literals beyond the range of numbers come out as something that is not JSON.
    throw refusedWhole('A number beyond the range of a double');
  }
  if (!isJsonObject(json)) throw new Error('the parser gave no object');
  if (json['error'] !== true) return Array.isArray(json['statements']) ? json['statements'] : [];
  if (json['error_type'] !== 'parser') throw refusedWhole('Anything but a plain SELECT');
  const position = Number(json['position'] ?? Number.NaN);
  throw new GantryError('sql_syntax', {
    message: `The statement does not parse: ${textOf(json, 'error_message').slice(0, 300)}.`,
    where: Number.isInteger(position) ? placeAt(text, position) : 'sql',
  });
}

const refusedWhole = (what: string): GantryError =>
  new GantryError('sql_refused', {
    message: what.endsWith('.') ? what : `${what} is not available here.`,
    where: 'sql',
  });

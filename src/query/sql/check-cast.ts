import { isJsonObject, type JsonObject } from '../../kernel/index.ts';
import type { ValueKind } from '../../filter/index.ts';
import { known, refused, textOf, type Statement } from './nodes.ts';
import type { Facts } from './scope.ts';

const castTypes =
  'VARCHAR BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT FLOAT DOUBLE DECIMAL DATE TIME TIMESTAMP INTERVAL'.split(
    ' ',
  );

/** Casts that work for every value of the kind. */
const total: { readonly [kind in ValueKind]?: readonly string[] } = {
  date: ['DATE', 'TIMESTAMP'],
  datetime: ['DATE', 'TIMESTAMP', 'TIME'],
  number: ['DOUBLE'],
  time: ['TIME'],
  boolean: ['BOOLEAN', 'INTEGER', 'BIGINT'],
};

/**
 * A cast that can fail on some value ends the statement, and whether it ended
 * tells about the value: such casts must be try_cast.
 */
export function checkCast(statement: Statement, cast: JsonObject, child: Facts): Facts {
  const type = known(statement, cast['cast_type'], 'id type_info');
  const id = textOf(type, 'id');
  const plainInfo = type['type_info'] === null || (id === 'DECIMAL' && isDecimalInfo(type['type_info']));
  if (!castTypes.includes(id) || !plainInfo)
    throw refused(statement, cast, `A cast to ${id === '' ? 'that type' : id}`);
  const cannotFail =
    cast['try_cast'] === true ||
    child.constant ||
    id === 'VARCHAR' ||
    (child.kind !== null && total[child.kind]?.includes(id) === true);
  if (!cannotFail) {
    throw refused(statement, cast, 'A cast that can fail on some value', `Write try_cast(... as ${id.toLowerCase()}).`);
  }
  return { constant: child.constant, kind: null, currencies: child.currencies, growth: child.growth };
}

const isDecimalInfo = (info: JsonObject[string] | undefined): boolean =>
  isJsonObject(info) && textOf(info, 'type') === 'DECIMAL_TYPE_INFO' && info['extension_info'] === null;

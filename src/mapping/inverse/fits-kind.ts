import type { Json } from '../../kernel/index.ts';
import type { Kind } from '../kind.ts';
import { parseDate, parseMoment, parseTime } from '../transforms/parse-text.ts';
import type { Stage } from '../transforms/stage.ts';

/** Whether a record can hold the value in a field of the kind, in the spelling of schema/native.ts. */
export function fitsKind(value: Exclude<Json, null>, kind: Kind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
    case 'decimal':
      return Number.isFinite(value);
    case 'date':
      return isSpelled(value, parseDate('ymd'));
    case 'datetime':
      return isSpelled(value, parseMoment);
    case 'time':
      return isSpelled(value, parseTime);
    case 'list':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'json':
      return true;
  }
}

const isSpelled = (value: Exclude<Json, null>, parser: Stage): boolean =>
  typeof value === 'string' && parser.value(value) === value;

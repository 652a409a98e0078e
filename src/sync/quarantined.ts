import { limits, type Json } from '../kernel/index.ts';
import type { QuarantinedField, QuarantinePage } from '../store/index.ts';
import type { Misfit, NormalRecord } from './normalise-record.ts';

/** What is kept aside of a record. */
export function quarantined(record: NormalRecord): QuarantinePage['records'][number] {
  return { id: record.id, srcAt: record.srcAt, fields: record.misfits.map(setAside) };
}

/** The value twice: cut to what people need to see, and whole, to be tried again. */
export function setAside({ field, reason, value }: Misfit): QuarantinedField {
  const native = JSON.stringify(value satisfies Json);
  return {
    field,
    reason,
    value: native.slice(0, limits.quarantineValueCharsMax),
    native: native.length <= limits.quarantineNativeCharsMax ? native : null,
  };
}

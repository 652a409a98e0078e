import { limits } from '../kernel/index.ts';
import type { QuarantinePage } from '../store/index.ts';
import type { NormalRecord } from './normalise-record.ts';

/** What is kept aside of a record, cut to what people need to see. */
export function quarantined(record: NormalRecord): QuarantinePage['records'][number] {
  return {
    id: record.id,
    fields: record.misfits.map(({ field, reason, value }) => ({
      field,
      reason,
      value: JSON.stringify(value).slice(0, limits.quarantineValueCharsMax),
    })),
  };
}

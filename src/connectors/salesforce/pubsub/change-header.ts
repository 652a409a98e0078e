import avro from 'avsc';

/** What of a change event counts here: the record itself is read afterwards. Change Data Capture guide, "Change Event Header". */
export interface ChangeHeader {
  readonly entityName: string;
  readonly recordIds: readonly string[];
  readonly changeType: string;
  /** Milliseconds since 1970. */
  readonly commitTimestamp: number;
}

/** Turns payloads of one schema into headers; null for what does not fit it. */
export type HeaderReader = (payload: Uint8Array) => ChangeHeader | null;

/** Larger than doubles are exact: commit numbers may be. */
const exactLong = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => Number(bytes.readBigInt64LE()),
  toBuffer: (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  fromJSON: Number,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'number',
  compare: (a: number, b: number) => a - b,
});

/** Raises where the text is no Avro schema. */
export function headerReader(schemaJson: string): HeaderReader {
  const type = avro.Type.forSchema(JSON.parse(schemaJson) as avro.Schema, { registry: { long: exactLong } });
  return (payload) => {
    try {
      return headerOf(type.fromBuffer(Buffer.from(payload)));
    } catch {
      return null;
    }
  };
}

function headerOf(event: unknown): ChangeHeader | null {
  const header = field(event, 'ChangeEventHeader');
  const [entityName, changeType] = [field(header, 'entityName'), field(header, 'changeType')];
  const recordIds = field(header, 'recordIds');
  const commitTimestamp = field(header, 'commitTimestamp');
  if (typeof entityName !== 'string' || typeof changeType !== 'string' || !Array.isArray(recordIds)) return null;
  if (!recordIds.every((id) => typeof id === 'string') || typeof commitTimestamp !== 'number') return null;
  return { entityName, changeType, recordIds, commitTimestamp };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

import type { EventField } from './event-schema.ts';

/**
 * Fields by name as the header spells them: the first text has a bit for each
 * field at its position in the schema (the header's own is 0), lowest bit
 * first; fields within a field follow as `{position}-{bits}`.
 * Developer guide, "Event Deserialization Considerations".
 */
export function fieldBitmaps(fields: readonly EventField[], names: ReadonlySet<string>): readonly string[] {
  const whole: number[] = [];
  const nested: string[] = [];
  for (const [index, { name, field, parts }] of fields.entries()) {
    const position = index + 1;
    if (field !== null && names.has(name)) whole.push(position);
    const inside = [...parts.entries()].filter(([, part]) => names.has(part.field.name)).map(([at]) => at);
    if (inside.length > 0) nested.push(`${position}-${hex(inside)}`);
  }
  return whole.length === 0 && nested.length === 0 ? [] : [...(whole.length === 0 ? [] : [hex(whole)]), ...nested];
}

function hex(positions: readonly number[]): string {
  const bits = positions.reduce((sum, position) => sum | (1n << BigInt(position)), 0n);
  const digits = bits.toString(16).toUpperCase();
  return `0x${digits.padStart(digits.length + (digits.length % 2), '0')}`;
}

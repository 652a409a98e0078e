import type { Json } from '../../kernel/index.ts';
import type { NativeRecord } from '../contract.ts';
import type { Grantee, SessionPermissions } from '../permissions.ts';

/** Of a provider that tells nobody who is shown what. */
export function untoldPermissions(why: string): SessionPermissions {
  return {
    strategyOf: () => ({ kind: 'none', why }),
    readFacts: async () => ({ hash: '', data: {} }),
    audienceOf: () => null,
  };
}

/**
 * Grantees from a record's own values: `assignee:{assignee_id}`, one for each
 * value of a list. A field without a value names nobody.
 */
export function declaredGrantees(templates: readonly string[], record: NativeRecord): Grantee[] {
  return templates.flatMap((template) => {
    const field = /\{([^{}]+)\}/.exec(template)?.[1];
    if (field === undefined) return [template];
    const value = Object.hasOwn(record.values, field) ? record.values[field] : undefined;
    return idsIn(value).map((id) => template.replace(`{${field}}`, () => id));
  });
}

function idsIn(value: Json | undefined): string[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(idsIn);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? [String(value)] : [];
  return typeof value === 'string' && value !== '' ? [value] : [];
}

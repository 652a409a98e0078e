import type { Account } from '../account.ts';
import { customValue } from './custom-value.ts';
import { isGiven, type Given } from './given.ts';
import type { Problems } from './refusal.ts';

/** Custom fields of organizations and users, merged into those that stand there. Unknown keys are passed over. */
export function keyedValues(
  account: Account,
  owner: 'organizations' | 'users',
  before: unknown,
  given: unknown,
  problems: Problems,
): Given {
  const values: Record<string, unknown> = isGiven(before) ? { ...before } : {};
  for (const [key, value] of Object.entries(isGiven(given) ? given : {})) {
    const field = account.fields.of(owner).find((each) => each.key === key && each.active);
    if (field === undefined) continue;
    const read = customValue(field, value, 'keyed');
    if (read.kind === 'wrong') problems.add(key, { description: `${field.title}: ${read.why}`, error: 'InvalidValue' });
    else values[key] = read.value;
  }
  return values;
}

import { permissionOf, type PermissionParts, type PolicyWord } from '../src/policy/index.ts';

export const words: readonly PolicyWord[] = ['silent', 'allow', 'approve', 'propose', 'forbid'];
export const safeties: readonly PermissionParts['safety'][] = ['safe_write', 'gated_write', 'read', 'forbidden'];
/** Whether it makes a field of the customer's own. */
export const changes: readonly NonNullable<PermissionParts['change']>[] = ['records', 'schema'];
export const modes: readonly PermissionParts['mode'][] = ['autonomous', 'gated', 'propose_only', 'read_only'];

const heads: Readonly<Record<PolicyWord, string>> = {
  silent: 'no rule applies',
  allow: 'rules: `allow`',
  approve: 'rules: `approve`',
  propose: 'rules: `propose`',
  forbid: 'rules: `forbid`',
};

const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Every combination of grant, safety class, mode, what changes and rules, with what comes of it. */
export function permissionTable(): string {
  const head = ['Grant', 'Safety class', 'Mode', 'Makes a field', ...words.map((word) => heads[word])];
  const rows = (['write', 'none'] as const).flatMap((grant) =>
    safeties.flatMap((safety) =>
      modes.flatMap((mode) =>
        changes.map((change) =>
          rowOf([
            grant === 'none' ? 'no' : 'yes',
            `\`${safety}\``,
            `\`${mode}\``,
            change === 'schema' ? 'yes' : 'no',
            ...words.map((policy) => permissionOf({ grant, safety, mode, policy, change })),
          ]),
        ),
      ),
    ),
  );
  return [rowOf(head), rowOf(head.map(() => '---')), ...rows].join('\n');
}

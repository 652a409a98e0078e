import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { permissionOf, type Permission } from '../../src/policy/index.ts';
import { changes, modes, permissionTable, safeties, words } from '../../scripts/permission-table.ts';

const page = await readFile('docs/approvals.md', 'utf8');

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** Body rows of the table of the page. */
const shown = page
  .slice(page.indexOf('<!-- permissions: generated'), page.indexOf('<!-- permissions end'))
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map(cellsOf);

const order: readonly Permission[] = ['allow', 'approve', 'propose', 'forbid'];
const rank = (permission: string): number => order.findIndex((each) => each === permission);

describe('the most restrictive of grant, safety class, mode and rules', () => {
  it('is what the page says, for every combination', () => {
    expect(shown).toHaveLength(2 * safeties.length * modes.length * changes.length);
    expect(shown).toEqual(permissionTable().split('\n').slice(2).map(cellsOf));
    for (const [grant, safety = '', mode = '', makes, ...results] of shown) {
      expect(results).toEqual(
        words.map((policy) =>
          permissionOf({
            grant: grant === 'yes' ? 'write' : 'none',
            safety: safeties.find((each) => safety === `\`${each}\``) ?? 'forbidden',
            mode: modes.find((each) => mode === `\`${each}\``) ?? 'read_only',
            policy,
            change: makes === 'yes' ? 'schema' : 'records',
          }),
        ),
      );
    }
  });

  it('is never less than what any of them asks for', () => {
    const least: Readonly<Record<string, Permission>> = {
      none: 'forbid',
      read: 'forbid',
      forbidden: 'forbid',
      read_only: 'forbid',
      propose_only: 'propose',
      gated: 'approve',
      approve: 'approve',
      propose: 'propose',
      forbid: 'forbid',
      schema: 'approve',
    };
    for (const grant of ['write', 'none'] as const) {
      for (const safety of safeties) {
        for (const mode of modes) {
          for (const policy of words) {
            for (const change of changes) {
              const asked = [grant, safety, mode, policy, change];
              const floor = Math.max(...asked.map((name) => rank(least[name] ?? 'allow')));
              const said = rank(permissionOf({ grant, safety, mode, policy, change }));
              const asks = safety === 'gated_write' && policy === 'silent' ? rank('approve') : 0;
              expect(said, asked.join(' ')).toBe(Math.max(floor, asks));
            }
          }
        }
      }
    }
  });
});

import { GantryError, suggest, type Json } from '../../kernel/index.ts';
import type { Break, Plan } from '../../manifest/index.ts';

/**
 * Raises `manifest_change_breaks` where a plan breaks something that is not
 * `allowed` by name, and `bad_request` where a name is allowed that breaks
 * nothing: somebody meant another change.
 */
export function refuseBreaking({ breaks }: Plan, allowed: readonly string[]): void {
  const names = breaks.map(({ name }) => name);
  const unknown = allowed.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new GantryError('bad_request', {
      message: `Nothing called "${unknown.slice(0, 200)}" would break.`,
      where: 'allow_breaking',
      suggestions: suggest(unknown, names),
      fix: names.length === 0 ? 'Nothing needs to be allowed.' : 'Name a breaking change as `gantry plan` lists it.',
    });
  }
  const refused = breaks.filter(({ name }) => !allowed.includes(name));
  const [first] = refused;
  if (first === undefined) return;
  const more = refused.length === 1 ? '' : ` (and ${String(refused.length - 1)} more)`;
  throw new GantryError('manifest_change_breaks', {
    message: `"${first.name}" would break: ${first.what}${more}`,
    where: first.where,
    fix: fixFor(first),
    data: { breaks: refused as unknown as Json },
  });
}

function fixFor({ name }: Break): string {
  const allow = `--allow-breaking "${name}"`;
  if (name.startsWith('overlay ')) return `Correct the overlay first, or apply with ${allow}, which closes the tenant.`;
  if (/^(tenant \S+ )?(field|model|mapping|relation) /.test(name)) {
    return `Deprecate it with a \`sunset\` day, apply that, and remove it after that day; or apply with ${allow}.`;
  }
  return `Keep it, or apply with ${allow}.`;
}

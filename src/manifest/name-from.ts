import { nameShape } from './shapes/parts.ts';

/** `models/deal.yaml` to `deal`: what a file that cannot be read most likely declares. */
export const stemOf = (file: string): string => (file.split('/').at(-1) ?? file).replace(/\.yaml$/, '');

/** The valid name nearest to a text: `My-CRM` to `my_crm`; null where nothing is left of it. */
export function nameFrom(text: string): string | null {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^[0-9_]+/, '')
    .slice(0, 63)
    .replace(/_+$/, '');
  return nameShape.safeParse(name).success ? name : null;
}

/** What stands in for the name of a file that declares none that is valid: always a valid name. */
export const standInName = (file: string): string => nameFrom(stemOf(file)) ?? 'unnamed';

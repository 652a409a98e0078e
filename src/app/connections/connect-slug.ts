import { GantryError } from '../../kernel/index.ts';

const CONNECTION_SLUG = /^[a-z][a-z0-9_]{0,62}$/;
/** Names that the lens needs for itself: a connection's slug names its tables' schema there. */
const RESERVED_SLUGS: readonly string[] = [
  'gantry',
  'main',
  'model',
  'temp',
  'system',
  'information_schema',
  'pg_catalog',
];

/** A name for a connection; raises `bad_request`. */
export function checkedSlug(slug: string): string {
  if (CONNECTION_SLUG.test(slug) && !RESERVED_SLUGS.includes(slug)) return slug;
  throw new GantryError('bad_request', {
    message: `"${slug.slice(0, 80)}" cannot name a connection.`,
    where: 'connection',
    fix: `Use lower-case letters, digits and underscores, and none of ${RESERVED_SLUGS.join(', ')}.`,
  });
}

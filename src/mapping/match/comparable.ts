import type { MatchForm } from '../../manifest/index.ts';
import { quoteList, quoteText } from '../sql-text.ts';
import { lowerText } from '../transforms/lower.ts';
import { spaces, trimSql, trimText } from '../transforms/parse-text.ts';
import { same, type Stage } from '../transforms/stage.ts';
import { freeMailDomains, freeMailFamilies } from './free-mail.ts';

/**
 * A text in the form in which two systems' values are compared; missing where
 * it identifies nothing. An empty text never does.
 */
export function comparable(form: MatchForm): Stage {
  switch (form) {
    case 'exact':
      return { kind: 'text', sql: (x) => `nullif(${x}, '')`, value: (x) => (x === '' ? null : x), inverse: same };
    case 'email':
      return {
        kind: 'text',
        sql: (x) => `nullif(lower(${trimmedSql(x)}), '')`,
        value: (x) => lowerText(trimText(x as string)) || null,
        inverse: same,
      };
    case 'domain':
      return { kind: 'text', sql: domainSql, value: (x) => domainOf(x as string), inverse: same };
  }
}

/** Few values have spaces at their ends, and trimming is the dearest step of all (120 ns a value). */
const trimmedSql = (x: string): string =>
  `case when regexp_matches(${x}, ${quoteText(`^[${spaces}]|[${spaces}]$`)}) then ${trimSql(x)} else ${x} end`;

/** Of a list of domains, which arrives joined by semicolons, the first counts. */
const end = `/:?#@;,${spaces}`;
const before = `^(?:[a-z][a-z0-9+.-]*://)?(?:[^/?#@${spaces}]*@)?(?:www\\.)?`;
const address = `${before}((?:[^.${end}]+\\.)+[^.${end}]+)\\.?(?:[/:?#;,]|$)`;
const family = `^(?:${freeMailFamilies.join('|')})\\.(?:com?\\.)?[a-z]{2,4}$`;
/** Most values are a plain host or mailbox, which needs no taking apart; measured, that is four times faster. */
const plain = '^(?:[a-z0-9._+-]+@)?(?:[a-z0-9-]+\\.)+[a-z0-9-]+$';

/** Host of an address of a page or a mailbox, `www.` left out; no free mail. */
function domainSql(x: string): string {
  const low = `lower(${x})`;
  const last = `split_part(${low}, '@', -1)`;
  const isPlain = `regexp_matches(${low}, ${quoteText(plain)}) and not starts_with(${last}, 'www.')`;
  const extracted = `regexp_extract(lower(${trimmedSql(x)}), ${quoteText(address)}, 1)`;
  const host = `case when ${isPlain} then ${last} else ${extracted} end`;
  const free = `h in ('', ${quoteList(freeMailDomains)}) or regexp_matches(h, ${quoteText(family)})`;
  return `list_transform([${host}], lambda h: case when ${free} then null else h end)[1]`;
}

function domainOf(text: string): string | null {
  const host = new RegExp(address).exec(lowerText(trimText(text)))?.[1] ?? '';
  return host === '' || freeMailDomains.includes(host) || new RegExp(family).test(host) ? null : host;
}

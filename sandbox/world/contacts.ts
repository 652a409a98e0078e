import { accountDomain, phone } from './accounts.ts';
import { between, mix, pick, roll } from './hash.ts';
import type { Frame } from './frame.ts';
import { namesOf, textsOf } from './language.ts';
import type { WorldContact } from './types.ts';
import { FAMILY_NAMES, GIVEN_NAMES, TITLES } from './words/people.ts';
import { slug } from './words/slug.ts';

export function contact(frame: Frame, index: number): WorldContact {
  const { account, ordinal } = frame.children.contacts.placeOf(index);
  const { country } = frame.facts(account);
  const draw = (number: number): number => roll(frame.keys.contacts, index, number);
  const language = namesOf(country);
  const firstName = pick(GIVEN_NAMES[language], draw(0));
  // Consecutive family names within an account: no two addresses of one domain are equal.
  const families = FAMILY_NAMES[language];
  const lastName = families[(mix(account + frame.keys.contacts) + ordinal) % families.length] as string;
  const modifiedMs = frame.stamps.contacts(index);
  return {
    account,
    firstName,
    lastName,
    email: `${slug(firstName)}.${slug(lastName)}@${accountDomain(frame, account)}`,
    phone: phone(country, draw(1)),
    title: pick(TITLES[textsOf(frame.company, country)], draw(2)),
    createdAt: new Date(modifiedMs - between(draw(3), 3_600, 500 * 86_400) * 1000),
    modifiedAt: new Date(modifiedMs),
  };
}

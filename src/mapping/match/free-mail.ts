/**
 * Domains at which anybody gets a mailbox: two people there have nothing in
 * common, so such a domain identifies no company.
 */
export const freeMailDomains: readonly string[] = [
  'aol.com',
  'arcor.de',
  'bluewin.ch',
  'email.com',
  'fastmail.com',
  'free.fr',
  'freenet.de',
  'gmail.com',
  'googlemail.com',
  'icloud.com',
  'laposte.net',
  'libero.it',
  'mac.com',
  'mail.com',
  'mail.ru',
  'mailbox.org',
  'me.com',
  'msn.com',
  'naver.com',
  'orange.fr',
  'posteo.de',
  'proton.me',
  'protonmail.com',
  'qq.com',
  'rocketmail.com',
  't-online.de',
  'tutanota.com',
  'wanadoo.fr',
  'web.de',
  'wp.pl',
  'yandex.ru',
  'zoho.com',
  '163.com',
];

/** Providers with the same name under many countries: `gmx.at`, `yahoo.co.uk`. */
export const freeMailFamilies: readonly string[] = ['gmx', 'hotmail', 'live', 'outlook', 'yahoo', 'ymail'];

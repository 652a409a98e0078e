import { isJsonObject, type Json, type JsonObject } from '../kernel/index.ts';
import { counted, rowsIn, said } from './object-text.ts';

/** How rights to an object are learned, how old they are, and of how many linked users they are known. */
export function accessLine({ access }: JsonObject): string[] {
  if (!isJsonObject(access)) return [];
  const { strategy, as_of: asOf, linked_users: linked, with_rights: known } = access;
  const how = strategy === null ? 'not begun' : said(strategy);
  const age = asOf === null ? '' : `, as of ${said(asOf)}`;
  return [`    rights     ${how}${age}: known of ${said(known)} of ${counted(linked, 'linked user')}`];
}

/** Those of whom they are not known, by reason, and who can change it. `whoSays` names them. */
export function unknownLines({ access }: JsonObject, whoSays: (told: JsonObject) => string): string[] {
  const without: Json | undefined = isJsonObject(access) ? access['without'] : undefined;
  return rowsIn(without).map((each) => {
    const { reason, users, who_can_fix: who, fix } = each;
    const advice = who === 'nobody' ? said(fix) : whoSays(each);
    return `    unknown    of ${counted(users, 'user')}, ${said(reason).replaceAll('_', ' ')}: ${advice}`;
  });
}

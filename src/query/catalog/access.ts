import type { Caller, RightsSource, VisibleObject } from '../../access/index.ts';
import { refPrefix } from '../references.ts';
import type { ObjectDescription } from '../types.ts';

/** By which way the sources' rights to an object are learned; nothing for a service, which they do not concern. */
export function describeAccess({ principal }: Caller, { sources }: VisibleObject): Pick<ObjectDescription, 'access'> {
  if (principal === null) return {};
  const access = sources.flatMap((source) => {
    const rights = principal.streams.get(source.stream);
    return rights?.kind === 'known' ? [{ source: refPrefix(source), by: rights.by, follows: follows[rights.by] }] : [];
  });
  return { access };
}

const follows: Readonly<Record<RightsSource, string>> = {
  record: 'new and changed records at once; changes of roles and memberships within `access_as_of`',
  shares:
    'the owner sees new records at once, others once shares have been read; changes of roles within `access_as_of`',
  as_user: 'new and changed records after they were asked for as the user',
  rule: 'the customer does not tell who sees what: a rule of the project decides, at once',
  everyone: 'the project shows all records to everybody',
};

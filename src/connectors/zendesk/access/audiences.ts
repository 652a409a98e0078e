import type { NativeObject } from '../../../schema/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { Declaration } from '../../kit/declaration.ts';
import { declaredGrantees } from '../../kit/declared-permissions.ts';
import type { NativeRecord } from '../../contract.ts';
import type { AccessFacts, AccessStrategy, Audience, Grantee } from '../../permissions.ts';

/** Tickets of no private group: agents of the right role are shown them without being members. */
export const publicGroups: Grantee = 'public_groups';
/** All who work with the account, and what all of them are shown. */
export const agents: Grantee = 'agents';

/** Agents who are restricted to an organization: its tickets, those of a private group only as a member or on copy. */
export const inOrganization = (
  organization: string,
  as?: { readonly group: string } | { readonly copied: string },
): Grantee =>
  as === undefined
    ? `org:${organization}`
    : 'group' in as
      ? `org:${organization}:group:${as.group}`
      : `org:${organization}:copied:${as.copied}`;

/** All of it follows from the record: whom it names, and whether its group is private. */
export const strategyOf = (declaration: Declaration, object: NativeObject): AccessStrategy =>
  templatesOf(declaration, object.name) === undefined
    ? { kind: 'none', why: `Nothing is declared of who is shown ${object.label}.` }
    : { kind: 'record' };

export function audienceOf(
  declaration: Declaration,
  object: NativeObject,
  record: NativeRecord,
  facts: AccessFacts,
): Audience | null {
  const templates = templatesOf(declaration, object.name);
  if (templates === undefined || record.deleted) return null;
  const grantees = declaredGrantees(templates, record);
  switch (object.name) {
    case 'tickets':
      return { grantees: [...grantees, ...ofTicket(record, grantees, facts)] };
    case 'users':
      return { grantees: textAt(record.values, 'role') === 'end-user' ? grantees : [...grantees, agents] };
    default:
      return { grantees };
  }
}

function ofTicket(record: NativeRecord, named: readonly Grantee[], facts: AccessFacts): Grantee[] {
  const group = textAt(record.values, 'group_id');
  const organization = textAt(record.values, 'organization_id');
  const isPrivate = group !== null && privateGroups(facts).has(group);
  if (!isPrivate) return [publicGroups, ...(organization === null ? [] : [inOrganization(organization)])];
  if (organization === null) return [];
  const copied = named.flatMap((grantee) => (grantee.startsWith(COPIED) ? [grantee.slice(COPIED.length)] : []));
  return [
    inOrganization(organization, { group }),
    ...copied.map((user) => inOrganization(organization, { copied: user })),
  ];
}

const COPIED = 'copied:';

export const factsOf = (privateIds: readonly string[]): AccessFacts['data'] => ({ private: [...privateIds] });

function privateGroups({ data }: AccessFacts): ReadonlySet<unknown> {
  const ids = data['private'];
  return new Set(Array.isArray(ids) ? ids : []);
}

const templatesOf = (declaration: Declaration, object: string): readonly string[] | undefined =>
  Object.hasOwn(declaration.objects, object) ? declaration.objects[object]?.audience : undefined;

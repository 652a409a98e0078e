import type { SecurityDefect } from './defect.ts';

const one = (name: string, suite: string, file: string, find: string, replace: string): SecurityDefect => ({
  name,
  suite,
  edits: [{ file, find, replace }],
});

export const securityDefects: readonly SecurityDefect[] = [
  one(
    'the access classes are not asked for in a model’s records',
    'hostile_sql',
    'src/mapping/part-select.ts',
    `classesSql('t."_acl"', classes) ?? []`,
    '[]',
  ),
  one(
    'a field is hidden nowhere',
    'hostile_sql',
    'src/mapping/restrict/restrict-parts.ts',
    "return fields !== 'all' && !fields.has(field);",
    "return fields !== 'all' && field === '';",
  ),
  one(
    'a hidden field can be sorted and filtered by where another system shows it',
    'hostile_sql',
    'src/mapping/restrict/restrict-parts.ts',
    'return { ...column, sql: missing, joins: [], reads: [], masked: true };',
    'return { ...column, missing, masked: true };',
  ),
  one(
    'counts and sums are made of records that the user is not shown',
    'hostile_sql',
    'src/query/compile/operand-sql.ts',
    'const inner = openFrame(context, reach, target, { isRelated: true });',
    "const inner = openFrame(context, 'policy', context.scope.objects.get(target.name) ?? target);",
  ),
  one(
    'agents’ SQL is evaluated over records before they are left out',
    'hostile_sql',
    'src/query/sql/session-relations.ts',
    "as: isOfRights && !isLimited ? 'view' : 'table',",
    "as: 'view',",
  ),
  one(
    'the matcher takes letters for what they are, as SQL does not',
    'policy',
    'src/filter/matches.ts',
    'foldCase(value).includes(foldCase(test.text))',
    'value.includes(test.text)',
  ),
  one('a shared network counts as public', 'ssrf', 'src/kernel/public-address.ts', "  ['100.64.0.0', 10],\n", ''),
  one(
    'an IPv4 address within IPv6 counts as public',
    'ssrf',
    'src/kernel/public-address.ts',
    "  ['2002::', 16],\n",
    '',
  ),
  one(
    'a name is connected to where one of its addresses is public',
    'ssrf',
    'src/kernel/guarded-lookup.ts',
    'if (first === undefined || allowed.length < addresses.length)',
    'if (first === undefined)',
  ),
  one(
    'events follow a receiver to another place',
    'ssrf',
    'src/subscriptions/post-event.ts',
    "redirect: 'manual',",
    "redirect: 'follow',",
  ),
  {
    // Guarded where it is entered, and again where it is called.
    name: 'a base address in numbers is called',
    suite: 'ssrf',
    edits: [
      {
        file: 'src/connection/host-matches.ts',
        find: String.raw`if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname)) return false;`,
        replace: "if (hostname.startsWith('[')) return hostname !== '';",
      },
      {
        file: 'src/kernel/provider-agent.ts',
        find: 'if (!isAllowedAddress(host, { toLoopback: false })) throw refused(url);',
        replace: '',
      },
    ],
  },
  one(
    'the audience of a token is not looked at',
    'tokens',
    'src/identity/verify-token.ts',
    '      audience: [...issuer.audiences],\n',
    '',
  ),
  one(
    'a token may say nothing of whom it is for, or until when',
    'tokens',
    'src/identity/verify-token.ts',
    "      requiredClaims: ['exp', 'iat', 'aud', 'sub'],\n",
    '',
  ),
  one(
    'a customer’s identity provider speaks for other customers',
    'tokens',
    'src/identity/verify-token.ts',
    'tenant: issuer.tenant ?? (tenantSaid === null ? null : tenantOf(tenantSaid, issuer)),',
    'tenant: tenantSaid ?? issuer.tenant,',
  ),
  {
    ...one(
      'anybody’s key is an operator’s',
      'tenancy',
      'src/app/identity/operators.ts',
      'if (operatorKey !== null && sameKey(bearer, operatorKey))',
      'if (operatorKey !== null && bearer.length > 8)',
    ),
    slow: true,
  },
  {
    ...one(
      'a row filter of the grant is left out',
      'injection',
      'src/access/reduce-object.ts',
      'return { ...object, label, fields, many, rowFilter: grant.where };',
      'return { ...object, label, fields, many, rowFilter: null };',
    ),
    slow: true,
  },
  {
    ...one(
      'agents’ keys are kept as they are',
      'secrets',
      'src/store/api-keys.ts',
      "return new Uint8Array(createHash('sha256').update(key).digest());",
      'return new Uint8Array(Buffer.from(key));',
    ),
    slow: true,
  },
  {
    ...one(
      'a body is read to its end, however long',
      'denial',
      'src/api/read-json.ts',
      'if (bytes > bytesMax) throw tooLarge();',
      '',
    ),
    slow: true,
  },
  ...[
    one(
      'native objects are shown whole, whatever their access classes',
      'differential',
      'src/mapping/restrict/native-select.ts',
      `classesSql('t."_acl"', classes) : null`,
      `classesSql('t."_acl"', 'all') : null`,
    ),
    one(
      'fields of which a permission set says nothing are readable',
      'differential',
      'src/connectors/salesforce/access/object-rights.ts',
      'return openFields.has(whole) || given.has(whole) || given.has(field);',
      'return openFields.has(whole) || given.size > 0;',
    ),
    one(
      'what is looked up in other records is told, whether they are shown or not',
      'differential',
      'src/mapping/restrict/join-sql.ts',
      `const condition = classesSql('"_acl"', join.classes ?? 'all');`,
      `const condition = classesSql('"_acl"', 'all');`,
    ),
    one(
      'private groups of a help desk are like all others',
      'differential',
      'src/connectors/zendesk/access/audiences.ts',
      'const isPrivate = group !== null && privateGroups(facts).has(group);',
      "const isPrivate = group === '' && privateGroups(facts).has(group);",
    ),
    one(
      'who may read a calendar is shown its private events',
      'differential',
      'src/connectors/google-calendar/access/roles.ts',
      "return { grantees: [grantee(calendar, isPrivate ? 'writer' : 'reader')] };",
      "return { grantees: [grantee(calendar, isPrivate ? 'reader' : 'reader')] };",
    ),
    one(
      'what is not in a user’s list any more is shown to the user all the same',
      'differential',
      'src/sync/access/settle-own-lists.ts',
      '.filter((grantee) => !gone.has(grantee))',
      '',
    ),
  ].map((defect) => ({ ...defect, slow: true, words: ['--users', '24'] })),
];

import { describe, expect, it } from 'vitest';
import { conditionLines, connectionLines } from '../../src/cli/connection-text.ts';
import type { JsonObject } from '../../src/kernel/index.ts';

const well: JsonObject = {
  connection: 'crm',
  system: 'salesforce',
  health: 'ok',
  state: 'working',
  what: 'It works.',
  problem: null,
  since: '2026-11-21T10:00:00Z',
  line: null,
  webhook: null,
  circuit: null,
  dead_events: 0,
  sign_ins_ending: [],
  objects: [],
};
const object: JsonObject = {
  object: 'Account',
  state: 'current',
  what: 'It is kept up to date.',
  who_can_fix: null,
  fix: null,
  records: 12,
  backfill: 'complete',
  as_of: '2026-11-21T11:59:00Z',
  set_aside: 0,
  dead_letters: 0,
};
const lines = (change: JsonObject): string => connectionLines({ ...well, ...change }, 'acme').join('\n');

describe('a connection as people read it', () => {
  it('is a line, and one for each object, while all is well', () => {
    expect(connectionLines({ ...well, objects: [object] }, 'acme')).toEqual([
      'crm (salesforce): ok',
      expect.stringMatching(/^ {2}Account +12 {2}as of 2026-11-21T11:59:00Z$/) as string,
    ]);
    // Of many connections at once, only what somebody has to look at.
    expect(conditionLines({ ...well, objects: [object] }, 'acme')).toEqual(['crm (salesforce): ok']);
  });

  it('tells of whom rights are not known, and who can change it', () => {
    const access = {
      strategy: 'shares',
      as_of: '2026-11-21T11:55:00Z',
      linked_users: 3,
      with_rights: 1,
      without: [
        { reason: 'sign_in_needed', users: 1, who_can_fix: 'end_user', fix: '"ada" signs in to crm.' },
        { reason: 'not_read_yet', users: 1, who_can_fix: 'nobody', fix: 'Ask again in a minute.' },
      ],
    };
    const unknown = [
      '    unknown    of 1 user, sign in needed: an administrator of the customer: "ada" signs in to crm.',
      '    unknown    of 1 user, not read yet: Ask again in a minute.',
    ];
    expect(connectionLines({ ...well, objects: [{ ...object, access }] }, 'acme').slice(2)).toEqual([
      '    rights     shares, as of 2026-11-21T11:55:00Z: known of 1 of 3 linked users',
      ...unknown,
    ]);
    expect(conditionLines({ ...well, objects: [{ ...object, access }] }, 'acme').slice(2)).toEqual(unknown);
    expect(connectionLines({ ...well, objects: [{ ...object, access: null }] }, 'acme')).toHaveLength(2);
  });

  it('says nothing twice', () => {
    const failing = {
      ...object,
      state: 'failing',
      what: 'Reading it fails: No.',
      who_can_fix: 'operator',
      fix: 'Mend it.',
    };
    const told = lines({
      health: 'degraded',
      state: 'degraded',
      what: 'Calls fail for now.',
      problem: 'It answered 503. Try later.',
      error_code: 'upstream_unavailable',
      who_can_fix: 'provider',
      fix: 'Try later.',
      meanwhile: 'Data stays.',
      next_try: null,
      objects: [failing, { ...failing, object: 'Contact' }],
    });
    for (const sentence of ['Try later.', 'Mend it.', 'Reading it fails: No.']) {
      expect(told.split(sentence), sentence).toHaveLength(2);
    }
    expect(told).toContain('problem    It answered 503. [upstream_unavailable]');
    expect(told).toMatch(/^ {4}failing, as Account$/m);
  });

  it.each<[string, JsonObject, RegExp[]]>([
    [
      'a connection that stands still',
      {
        health: 'reauth_required',
        state: 'reauth_required',
        what: 'The provider no longer accepts the sign-in.',
        problem: 'The grant was revoked.',
        error_code: 'connection_reauth_required',
        who_can_fix: 'tenant_admin',
        fix: 'Sign in again.',
        meanwhile: 'Data stays.',
        next_try: null,
      },
      [
        /^ {2}state {6}reauth required since 2026-11-21T10:00:00Z: The provider no longer/m,
        /^ {2}problem {4}The grant was revoked\. \[connection_reauth_required\]$/m,
        /^ {2}who {8}an administrator of the customer: Sign in again\.$/m,
        /^ {2}next try {3}not by itself$/m,
      ],
    ],
    [
      'a line that broke',
      { line: { what: 'The line broke once.', who_can_fix: 'tenant_admin', fix: 'Give the right.' } },
      [/^ {2}events {5}The line broke once\.$/m, /^ {13}an administrator of the customer: Give the right\.$/m],
    ],
    [
      'a webhook whose deliveries are refused',
      {
        webhook: {
          what: 'Live by webhook.',
          who_can_fix: null,
          fix: null,
          last_delivery: 'T1',
          refused: 2,
          last_refused: 'T2',
        },
      },
      [/^ {2}webhook {4}Live by webhook\.$/m, /^ {13}last delivery T1$/m, /^ {13}2 deliveries refused, the last T2/m],
    ],
    [
      'a provider that is not called',
      { circuit: { state: 'open', retry_at: '2026-11-21T12:05:00Z' } },
      [/^ {2}calls {6}too many in a row failed: nobody calls the provider before 2026-11-21T12:05:00Z/m],
    ],
    [
      'sign-ins that end',
      {
        sign_ins_ending: [
          { user: null, ends_at: '2026-12-01T00:00:00Z' },
          { user: 'ada', ends_at: '2026-12-02T00:00:00Z' },
        ],
      },
      [
        /^ {2}sign-in {4}its sign-in ends on 2026-12-01: an administrator/m,
        /^ {2}sign-in {4}the sign-in of ada ends on 2026-12-02/m,
      ],
    ],
    [
      'what was given up',
      { dead_events: 1, objects: [{ ...object, dead_letters: 3, set_aside: 1 }] },
      [
        /1 event could not be read: gantry dead-events --tenant acme --connection crm$/m,
        /3 dead letters, .*: gantry dead-letters --tenant acme --connection crm --object Account$/m,
        /1 value set aside, .*: gantry quarantine --tenant acme --connection crm --object Account$/m,
      ],
    ],
    [
      'an object that nobody reads',
      {
        objects: [
          { ...object, state: 'overdue', what: 'It was due.', who_can_fix: 'operator', fix: 'Start a worker.' },
        ],
      },
      [/^ {4}It was due\.$/m, /^ {4}you, the operator: Start a worker\.$/m],
    ],
  ])('says of %s what it is, who can change it, and how', (_what, change, wanted) => {
    const told = lines(change);
    for (const pattern of wanted) expect(told).toMatch(pattern);
    const short = conditionLines({ ...well, ...change }, 'acme').join('\n');
    for (const pattern of wanted) expect(short).toMatch(pattern);
  });
});

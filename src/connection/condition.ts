import { errorTable, type ErrorBody } from '../kernel/index.ts';
import type { ConnectionRow } from '../store/index.ts';
import type { ConnectionState } from './connection-state.ts';

/** Who can put it right: an administrator of the customer, whoever operates the product, the provider; null: nothing is wrong, or it passes. */
export type WhoCanFix = 'tenant_admin' | 'operator' | 'provider';

/** A connection's state for people who did not write the program. */
export interface Condition {
  readonly state: ConnectionState;
  /** One sentence: what state that is, and since when it is so is beside it. */
  readonly what: string;
  /** The last error in words, with what to do; null: none. */
  readonly problem: string | null;
  readonly code: ErrorBody['code'] | null;
  readonly whoCanFix: WhoCanFix | null;
  /** What to do, by `whoCanFix`. */
  readonly fix: string | null;
  /** What happens while it lasts. */
  readonly meanwhile: string;
}

const GOES_ON = 'Data that was read stays readable and says how old it is. Reading goes on from where it stopped.';

/** Pure: what a connection's row says. `tenant`: its name, for commands. */
export function conditionOf(row: ConnectionRow, title: string, tenant?: string): Condition {
  const state = row.state as ConnectionState;
  const error = row.lastError;
  const base = { state, problem: error === null ? null : `${error.message} ${error.fix}`, code: error?.code ?? null };
  const account = row.accountName === null ? title : `the ${title} account "${row.accountName}"`;
  const healthy = { whoCanFix: null, fix: null } as const;
  const by = row.act === null ? '' : ` by ${row.act.by}${row.act.note === null ? '' : `: ${row.act.note}`}`;
  switch (state) {
    case 'created':
    case 'authorising':
      return {
        ...base,
        what: state === 'created' ? 'Nobody has signed in yet.' : 'Somebody was sent to sign in and is not back yet.',
        whoCanFix: 'tenant_admin',
        fix: `An administrator of the customer signs in to ${title}.`,
        meanwhile: 'There is no data of it yet.',
      };
    case 'working':
      return {
        ...base,
        ...healthy,
        what: `${capitalised(account)} is connected and works.`,
        meanwhile: 'It is kept up to date.',
      };
    case 'degraded':
      return {
        ...base,
        what: `Calls to ${account} fail for now.`,
        whoCanFix: whoMends(error) ?? 'provider',
        fix: error?.fix ?? null,
        meanwhile: `${GOES_ON} It is tried again by itself.`,
      };
    case 'reauth_required':
      return {
        ...base,
        what: `The provider no longer accepts the sign-in to ${account}.`,
        whoCanFix: 'tenant_admin',
        fix: `An administrator of the customer signs in again, to the same account. ${error?.fix ?? ''}`.trim(),
        meanwhile: `${GOES_ON} Until then one call is made now and then, in case the provider had only stumbled.`,
      };
    case 'paused':
      return {
        ...base,
        what: `Paused${by}.`,
        whoCanFix: 'operator',
        fix: `Resume it: gantry connection resume ${row.slug}${tenant === undefined ? '' : ` --tenant ${tenant}`}`,
        meanwhile: `Nothing is read or sent. ${GOES_ON}`,
      };
    case 'revoked':
      return {
        ...base,
        what: `Access was ended${by}; its credentials are destroyed. ${revocationText(row.revocation)}`,
        whoCanFix: 'tenant_admin',
        fix: 'Sign in again to the same account, or delete the connection.',
        meanwhile: 'Nothing is read or sent. Data that was read stays readable until the connection is deleted.',
      };
    case 'deleted':
      return { ...base, ...healthy, what: `Deleted${by}.`, meanwhile: 'Everything of it is being removed.' };
  }
}

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** What became of the grant at the provider, in words. */
export function revocationText(revocation: string | null): string {
  switch (revocation) {
    case 'at_provider':
      return 'The provider confirmed that it ended the grant.';
    case 'not_offered':
      return 'The provider has no call to end this kind of sign-in: remove it there, too.';
    case 'not_confirmed':
      return 'The provider did not confirm that it ended the grant: remove the application there, too.';
    default:
      return '';
  }
}

/** Who can do something about an error, in the words of a connection's condition. */
export function whoMends(error: Pick<ErrorBody, 'code'> | null): WhoCanFix | null {
  if (error === null) return null;
  switch (errorTable[error.code].who) {
    case 'end_user':
      return 'tenant_admin';
    case 'provider':
      return 'provider';
    case 'operator':
    case 'product_team':
    case 'agent':
      return 'operator';
  }
}

import type { Tx } from './db.ts';
import { findOperatorCutoff } from './operator-cutoffs.ts';
import type { Directory } from './tenants.ts';

/** What the newest token that came of somebody says. */
export interface OperatorTokenRow {
  /** Lower case. */
  readonly name: string;
  readonly issuer: string;
  /** Null: none of ours. */
  readonly role: string | null;
  readonly issuedAt: Date;
}

export const operatorTokensSql = {
  note: `insert into operator_token as t (name, issuer, role, issued_at) values ($1, $2, $3, $4)
    on conflict (name, issuer) do update set role = excluded.role, issued_at = excluded.issued_at
      where t.issued_at <= excluded.issued_at`,
  // Who never was an operator is not noted.
  noteNone: `update operator_token set role = null, issued_at = $3
    where name = $1 and issuer = $2 and issued_at <= $3 and role is not null`,
  sweep: 'delete from operator_token where issued_at < $1',
  standing: `select role, issued_at as "issuedAt" from operator_token where name = $1 and issuer = $2`,
} as const;

/** A token older than the one that is noted says nothing new. */
export async function noteOperatorToken(tx: Tx, token: OperatorTokenRow): Promise<void> {
  const { name, issuer, role, issuedAt } = token;
  if (role === null) await tx.query(operatorTokensSql.noteNone, [name, issuer, issuedAt]);
  else await tx.query(operatorTokensSql.note, [name, issuer, role, issuedAt]);
}

/** Of tokens issued before then nothing follows any more. */
export async function sweepOperatorTokens(db: Directory, before: Date): Promise<void> {
  await db.query(operatorTokensSql.sweep, [before]);
}

export interface OperatorTokenStanding {
  /** Of the newest token of this issuer that came; null: none came, or it is long ago. */
  readonly newest: Pick<OperatorTokenRow, 'role' | 'issuedAt'> | null;
  /** Tokens issued up to then are void; null: none is. */
  readonly cutBefore: Date | null;
}

/** Whether somebody whom an issuer made an operator still is one, as far as is known here. `name` in lower case. */
export async function operatorTokenStanding(
  tx: Tx,
  { name, issuer }: Pick<OperatorTokenRow, 'name' | 'issuer'>,
): Promise<OperatorTokenStanding> {
  const [newest] = await tx.query<Pick<OperatorTokenRow, 'role' | 'issuedAt'>>(operatorTokensSql.standing, [
    name,
    issuer,
  ]);
  return { newest: newest ?? null, cutBefore: await findOperatorCutoff(tx, name) };
}

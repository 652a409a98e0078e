import type { Filter } from '../filter/index.ts';
import type { SourceMark } from './types.ts';

/** What may be written without a person, with one, or not at all. */
export interface ApprovalRules {
  /** What follows from free text of others that led to a write. */
  readonly untrustedText: 'allow' | 'approve' | 'forbid';
  /** Routes of `alerts` by which all are told that something waits. */
  readonly tell: readonly string[];
  /** Approvers who are told in person, by their operator's name. */
  readonly people: ReadonlyMap<string, ApprovalPerson>;
  /** In the order of the file; all that apply count. */
  readonly rules: readonly ApprovalRule[];
  /** At most one per agent; absent: none. */
  readonly pilots?: readonly ApprovalPilot[];
}

/** An agent on trial: one workflow in one system, each write approved by one person, within bounds, until a day. */
export interface ApprovalPilot {
  readonly name: string;
  readonly agent: string;
  readonly integration: string;
  /** Operations of models; empty: any write there. */
  readonly intents: readonly string[];
  readonly approver: string;
  /** The last day, `2026-12-31`; afterwards nothing is written. */
  readonly until: string;
  /** In 24 hours; in the base currency. */
  readonly amountPerDay: number;
  readonly recordsPerDay: number;
  readonly at: SourceMark;
}

/** How somebody is reached. Nobody else reads what is sent there: it holds a link that decides. */
export interface ApprovalPerson {
  readonly email: string | null;
  /** A route of `alerts`. */
  readonly route: string | null;
}

export interface ApprovalRule {
  readonly name: string;
  readonly why: string | null;
  readonly when: ApprovalWhen;
  readonly verdict: 'allow' | 'approve' | 'propose' | 'forbid';
  /** Names of operators, one of whom decides; `$owner` is the human who answers for the agent. Empty: any approver. */
  readonly from: readonly string[];
  /** So many different humans. */
  readonly people: number;
  readonly slaMs: number;
  readonly escalateTo: readonly string[];
  readonly fourEyes: 'usual' | 'strict';
  readonly secondReview: SecondReview | null;
  readonly at: SourceMark;
}

/** Another human looks as well: before the write, or afterwards within a time. */
export interface SecondReview {
  readonly when: 'before' | 'after';
  readonly withinMs: number;
  readonly from: readonly string[];
}

/** All of it holds; empty lists and nulls hold always. */
export interface ApprovalWhen {
  /** Globs. */
  readonly agents: readonly string[];
  readonly principals: readonly string[];
  /** Globs over operations of models (`deal.close`). */
  readonly intents: readonly string[];
  readonly safety: readonly ('safe_write' | 'gated_write')[];
  readonly operations: readonly ('create' | 'update' | 'upsert' | 'delete' | 'create_field')[];
  /** Models, native objects, or globs over both. */
  readonly objects: readonly string[];
  /** Globs over fields, `status` or `account.status`: one of them is written. */
  readonly fields: readonly string[];
  readonly amount: Range | null;
  readonly records: Range | null;
  /** What both ranges measure includes what was accepted before. */
  readonly sum: { readonly per: 'agent' | 'principal' | 'tenant'; readonly withinMs: number } | null;
  /** Paths are `before.<field>` and `after.<field>`; one record for which it holds is enough. */
  readonly where: Filter | null;
}

/** From the first on, below the second. Amounts are in the base currency. */
export interface Range {
  readonly from: number | null;
  readonly below: number | null;
}

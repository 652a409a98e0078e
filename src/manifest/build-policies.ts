import { limits } from '../kernel/index.ts';
import { daysIn } from './ages.ts';
import { buildApprovals } from './build-approvals.ts';
import { buildSavedQuery } from './build-saved-query.ts';
import { buildSwitches } from './build-switches.ts';
import type { ChecklistPolicy } from './checklist-types.ts';
import type { Shaped } from './check-shape.ts';
import type { Reporter, YamlDocument } from './document.ts';
import type { Scope } from './scope.ts';
import type { RawCurrencies, RawPolicy } from './shapes/policy-shape.ts';
import type { CurrencyRates, HistoryPolicy, Policies, SavedQuery, SourceMark } from './types.ts';

const historyDefault: HistoryPolicy = { keepDays: 90 };

export interface PolicyContext {
  readonly scope: Scope;
  /** Saved queries become tools, which must not be called like those that are there. */
  readonly tools: ReadonlySet<string>;
  /** By name; null: not known. */
  readonly alertRoutes: readonly string[] | null;
  readonly reporterOf: (document: YamlDocument) => Reporter;
}

/** All policy files together: queries add up, the rest is said once. */
export function buildPolicies(files: readonly Shaped<RawPolicy>[], context: PolicyContext): Policies {
  const savedQueries = new Map<string, SavedQuery>();
  const said: {
    currencies?: SourceMark;
    history?: SourceMark;
    approvals?: SourceMark;
    switches?: SourceMark;
    checklist?: SourceMark;
  } = {};
  let rates: CurrencyRates | null = null;
  let history = historyDefault;
  let approvals: Pick<Policies, 'approvals'> = {};
  let switches: Pick<Policies, 'switches'> = {};
  let checklist: Pick<Policies, 'checklist'> = {};
  for (const { document, raw, isBroken } of files) {
    if (raw === null) continue;
    const report = context.reporterOf(document);
    const once = (key: 'currencies' | 'history' | 'approvals' | 'switches' | 'checklist'): void => {
      const first = said[key];
      said[key] ??= document.mark([key], 'key');
      if (first !== undefined) report(twice([key], `\`${key}\``, first));
    };
    for (const [name, form] of Object.entries(raw.saved_queries ?? {})) {
      const path = ['saved_queries', name];
      const first = savedQueries.get(name);
      if (first !== undefined) report(twice(path, `Saved query \`${name}\``, first.at));
      if (context.tools.has(name)) {
        report({
          code: 'manifest_name_duplicate',
          path,
          at: 'key',
          message: `\`${name}\` is a tool already, and a saved query is a tool of its own.`,
          fix: 'Rename the query.',
        });
      }
      const place = { path, document, isBroken, report, scope: context.scope };
      savedQueries.set(name, buildSavedQuery(name, form, place));
    }
    if (raw.currencies !== undefined) {
      once('currencies');
      rates = buildRates(raw.currencies, document, report);
    }
    if (raw.history !== undefined) {
      once('history');
      history = { keepDays: raw.history.keep === 'none' ? 0 : daysIn(raw.history.keep) };
    }
    if (raw.approvals !== undefined) {
      once('approvals');
      approvals = { approvals: buildApprovals(raw.approvals, { ...context, document, report }) };
    }
    if (raw.switches !== undefined) {
      once('switches');
      switches = { switches: buildSwitches(raw.switches, { document, report }) };
    }
    if (raw.checklist !== undefined) {
      once('checklist');
      checklist = { checklist: checklistOf(raw.checklist) };
    }
  }
  return { savedQueries, rates, history, ...approvals, ...switches, ...checklist };
}

function checklistOf({
  sandbox,
  rotate_every: rotation,
  thresholds,
}: NonNullable<RawPolicy['checklist']>): ChecklistPolicy {
  return {
    sandbox: sandbox ?? null,
    rotateDays: rotation === undefined ? limits.rotateDays : daysIn(rotation),
    thresholds:
      thresholds === undefined ? null : { by: thresholds.signed_by, on: thresholds.on, rules: thresholds.rules },
  };
}

function buildRates(raw: RawCurrencies, document: YamlDocument, report: Reporter): CurrencyRates {
  const rates = new Map<string, { from: string; rate: number }[]>();
  for (const [code, days] of Object.entries(raw.rates)) {
    const path = ['currencies', 'rates', code];
    if (code === raw.base) {
      report({
        code: 'manifest_value_invalid',
        path,
        at: 'key',
        message: `\`${code}\` is the base, and one ${code} is always one ${code}.`,
        fix: 'Remove it from the rates.',
      });
    }
    if (Object.keys(days).length === 0) {
      report({
        code: 'manifest_key_missing',
        path,
        at: 'key',
        message: `\`${code}\` has no rate.`,
        fix: 'Write `<day>: <rate>`, for example `2026-01-01: 1.08`.',
      });
    }
    const dated = Object.entries(days).map(([from, rate]) => ({ from, rate }));
    rates.set(
      code,
      dated.toSorted((a, b) => (a.from < b.from ? -1 : 1)),
    );
  }
  return { base: raw.base, source: raw.source, rates, at: document.mark(['currencies'], 'key') };
}

const twice = (path: readonly string[], what: string, first: SourceMark) =>
  ({
    code: 'manifest_name_duplicate',
    path,
    at: 'key',
    message: `${what} is declared in ${first.file}:${first.line} already.`,
    fix: 'Remove one of them.',
  }) as const;

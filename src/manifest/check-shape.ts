import type { z } from 'zod';
import type { $ZodIssue } from 'zod/v4/core';
import { suggest } from '../kernel/index.ts';
import type { DocumentPath, Reporter, YamlDocument } from './document.ts';
import { nameFrom, stemOf } from './name-from.ts';
import { keysAt } from './shape-keys.ts';
import { nameRule, valueRules } from './shapes/parts.ts';

/** A document that fits its shape, without the parts that did not. */
export interface Shaped<Raw> {
  readonly document: YamlDocument;
  /** Null where so much is wrong that nothing is left to look at. */
  readonly raw: Raw | null;
  /** True where something at `path` was there but is broken, and has been reported. */
  readonly isBroken: (path: DocumentPath) => boolean;
}

/**
 * Checks a document against its shape and reports every mistake. What does not
 * fit is cut out, so that the rest can still be checked for its meaning
 * without mistakes that merely follow from the first ones. `stopgap` has the
 * top keys without which nothing could be looked at, with valid values; a
 * project that needed one has a problem already and is never used.
 */
export function checkShape<Raw>(
  document: YamlDocument,
  shape: z.ZodType<Raw>,
  stopgap: Partial<Raw>,
  report: Reporter,
): Shaped<Raw> {
  const broken = new Set<string>();
  const isBroken = (path: DocumentPath): boolean => broken.has(JSON.stringify(path));
  if (document.value === null || typeof document.value !== 'object' || Array.isArray(document.value)) {
    report({ code: 'manifest_type_wrong', path: [], message: `The file is ${kindOf(document.value)}, not a block.` });
    return { document, raw: null, isBroken };
  }
  const value = structuredClone(document.value);
  let result = shape.safeParse(value);
  if (!result.success) flatten(result.error.issues).forEach((issue) => reportIssue(issue, document, shape, report));
  const missing = new Set(Object.keys(stopgap));
  while (!result.success) {
    const cuts = flatten(result.error.issues).flatMap((issue) => cutsOf(issue, value));
    const added = cuts.some((path) => path.length === 0)
      ? [...missing].filter((key) => !Object.hasOwn(value, key))
      : [];
    const fresh = cuts.filter((path) => path.length > 0 && !isBroken(path));
    // Each key is put in once and each place cut once, so that this ends whatever the file holds.
    if (added.length === 0 && fresh.length === 0) return { document, raw: null, isBroken };
    for (const key of added) {
      missing.delete(key);
      broken.add(JSON.stringify([key]));
      Object.assign(value, { [key]: stopgap[key as keyof Raw] });
    }
    for (const path of fresh) {
      broken.add(JSON.stringify(path));
      cut(value, path);
    }
    result = shape.safeParse(value);
  }
  return { document, raw: result.data, isBroken };
}

/** Unions report every branch; only the one of the value's own kind tells people something. */
function flatten(issues: readonly $ZodIssue[], prefix: DocumentPath = []): $ZodIssue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...(issue.path as DocumentPath)];
    if (issue.code === 'invalid_union') {
      const inner = issue.errors.find((branch) => !branch.some(isWrongKind));
      if (inner !== undefined) return flatten(inner, path);
    }
    return [{ ...issue, path: [...path] }];
  });
}

const isWrongKind = (issue: $ZodIssue): boolean =>
  issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');

function reportIssue(issue: $ZodIssue, document: YamlDocument, shape: z.ZodType, report: Reporter): void {
  const path = issue.path as DocumentPath;
  const value = valueAt(document.value, path);
  const shown = typeof value === 'string' ? `\`${value}\`` : kindOf(value);
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(shape, path);
    for (const key of issue.keys) {
      const inStep = path.at(-2) === 'steps';
      report({
        code: inStep ? 'manifest_transform_unknown' : 'manifest_key_unknown',
        path: [...path, key],
        at: 'key',
        message: inStep ? `\`${key}\` is no transform.` : `\`${key}\` is not a key of this block.`,
        fix: `Use one of: ${allowed.join(', ')}.`,
        suggestions: suggest(key, allowed),
      });
    }
    return;
  }
  if (issue.code === 'invalid_key') {
    const rule = issue.issues[0]?.message ?? 'is not accepted';
    report({
      code: 'manifest_name_invalid',
      path,
      at: 'key',
      message: `\`${String(path.at(-1))}\` ${rule}.`,
      suggestions: rule === nameRule ? validName(String(path.at(-1))) : [],
    });
    return;
  }
  if (value === undefined) {
    report({
      code: 'manifest_key_missing',
      path,
      message: `\`${String(path.at(-1))}\` is missing.`,
      fix: `Add \`${String(path.at(-1))}\`: ${expectedOf(issue)}.`,
      suggestions: declares(path) ? validName(stemOf(document.file)) : [],
    });
    return;
  }
  if (issue.code === 'invalid_format') {
    const code = valueRules.has(issue.message) ? 'manifest_value_invalid' : 'manifest_name_invalid';
    const suggestions = issue.message === nameRule && typeof value === 'string' ? validName(value) : [];
    report({ code, path, message: `${shown} ${issue.message}.`, suggestions });
    return;
  }
  if (issue.code === 'invalid_value' || issue.code === 'invalid_union') {
    const allowed = allowedOf(issue);
    if ((typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') && allowed.length > 0) {
      report({
        code: 'manifest_value_invalid',
        path,
        message: `\`${String(value)}\` is not accepted here.`,
        fix: `Use one of: ${allowed.join(', ')}.`,
        suggestions: suggest(String(value), allowed),
      });
      return;
    }
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    report({ code: 'manifest_value_invalid', path, message: `The value ${issue.message}.` });
    return;
  }
  report({
    code: 'manifest_type_wrong',
    path,
    message: `Expected ${expectedOf(issue)}, found ${kindOf(value)}.`,
    fix: `Write ${expectedOf(issue)}.`,
  });
}

/** Keys under which a file says what it declares, after which it is best called. */
const declares = (path: DocumentPath): boolean =>
  path.length === 1 && (path[0] === 'model' || path[0] === 'integration');

function validName(text: string): string[] {
  const name = nameFrom(text);
  return name === null ? [] : [name];
}

function allowedOf(issue: $ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'invalid_union') return [...new Set(issue.errors.flat().flatMap(allowedOf))];
  return [];
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a block of keys',
  record: 'a block of keys',
  null: 'nothing',
};

function expectedOf(issue: $ZodIssue): string {
  if (issue.code === 'invalid_type') return kinds[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return issue.values.map((value) => `\`${String(value)}\``).join(' or ');
  if (issue.code === 'invalid_union') return [...new Set(issue.errors.flat().map(expectedOf))].join(' or ');
  return 'a value';
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a block of keys';
  if (typeof value === 'number' || typeof value === 'boolean') return `\`${String(value)}\``;
  return 'a text';
}

/**
 * What to take out so that the rest can go on: the keys that are not known,
 * else the value that does not fit. List items are never taken out alone
 * (later places would shift), and for a missing key its whole block goes.
 */
function cutsOf(issue: $ZodIssue, value: unknown): DocumentPath[] {
  const path = issue.path as DocumentPath;
  if (issue.code === 'unrecognized_keys' && path.every((part) => typeof part === 'string')) {
    return issue.keys.map((key) => [...path, key]);
  }
  const missing = valueAt(value, path) === undefined;
  const target = missing ? path.slice(0, -1) : path;
  const listAt = target.findIndex((part) => typeof part === 'number');
  return [listAt === -1 ? target : target.slice(0, listAt)];
}

function cut(value: unknown, path: DocumentPath): void {
  const parent = valueAt(value, path.slice(0, -1));
  if (typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, path.at(-1) as string);
}

function valueAt(value: unknown, path: DocumentPath): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}

import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, type Node, type ParsedNode } from 'yaml';
import type { Problem, ProblemCode } from './problem.ts';
import type { SourceMark } from './types.ts';
import { errorTable } from '../kernel/index.ts';
import { nestingProblem } from './nesting.ts';
import { syntaxMistake } from './syntax-mistake.ts';

export type DocumentPath = readonly (string | number)[];

/** A YAML file as plain data, with the place of every key and value. */
export interface YamlDocument {
  readonly file: string;
  readonly value: unknown;
  /** Place of the value at `path`, or of its key; the nearest parent's where it does not exist. */
  mark(path: DocumentPath, at?: 'key' | 'value'): SourceMark;
}

export interface Report {
  readonly code: ProblemCode;
  readonly path: DocumentPath;
  readonly at?: 'key' | 'value';
  readonly message: string;
  readonly fix?: string;
  readonly suggestions?: readonly string[];
}

export type Reporter = (report: Report) => void;

/** Turns reports on one document into problems with file, line and column. */
export function reporterFor(document: Pick<YamlDocument, 'mark'>, problems: Problem[]): Reporter {
  return ({ code, path, at, message, fix, suggestions }) => {
    problems.push({
      code,
      ...document.mark(path, at),
      path: pathText(path),
      message,
      fix: fix ?? errorTable[code].fix,
      suggestions: suggestions ?? [],
    });
  };
}

/** `fields.stage.values[2]`; keys that are no plain words as `objects["crm.*"]`. */
export function pathText(path: DocumentPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** Parses one file; null where it is no YAML at all. */
export function parseYaml(file: string, text: string, problems: Problem[]): YamlDocument | null {
  const lines = new LineCounter();
  const markAt = (offset: number): SourceMark => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const places = new Map<string, { key: SourceMark; value: SourceMark }>();
  const mark: YamlDocument['mark'] = (path, at = 'value') => {
    for (let length = path.length; length >= 0; length -= 1) {
      const place = places.get(JSON.stringify(path.slice(0, length)));
      // A missing key is reported where its block is named.
      if (place !== undefined) return length === path.length ? place[at] : place.key;
    }
    return { file, line: 1, column: 1 };
  };
  const report = reporterFor({ mark }, problems);
  const reportAt = (code: ProblemCode, offset: number, message: string, fix: string): void => {
    problems.push({ code, ...markAt(offset), path: '', message, fix, suggestions: [] });
  };
  const tooDeep = nestingProblem(text);
  if (tooDeep !== null) {
    problems.push({ code: 'manifest_yaml_syntax', file, ...tooDeep, path: '', suggestions: [] });
    return null;
  }
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: false });
  const mistake = syntaxMistake(parsed, text);
  if (mistake !== null) {
    reportAt(mistake.code, mistake.offset, mistake.message, mistake.fix);
    return null;
  }
  if (parsed.directives.yaml.explicit === true) {
    reportAt('manifest_yaml_unsupported', 0, 'The file has a %YAML directive.', 'Remove it: files are YAML 1.2.');
  }
  const top = { key: { file, line: 1, column: 1 }, value: markAt(parsed.contents?.range[0] ?? 0) };
  const walk: Walk = { report, markAt, places };
  return { file, value: plain(parsed.contents, [], top, walk), mark };
}

interface Walk {
  readonly report: Reporter;
  readonly markAt: (offset: number) => SourceMark;
  readonly places: Map<string, { key: SourceMark; value: SourceMark }>;
}

function plain(
  node: ParsedNode | null,
  path: DocumentPath,
  place: { key: SourceMark; value: SourceMark },
  walk: Walk,
): unknown {
  walk.places.set(JSON.stringify(path), place);
  if (node === null) return null;
  refuseExtras(node, path, walk.report);
  if (isScalar(node)) return node.value;
  if (isSeq(node)) {
    return node.items.map((item, index) => {
      const mark = walk.markAt(item.range[0]);
      return plain(item, [...path, index], { key: mark, value: mark }, walk);
    });
  }
  if (!isMap(node)) return null;
  const object: Record<string, unknown> = {};
  for (const { key, value } of node.items) {
    const name = keyText(key);
    const keyMark = walk.markAt(key.range[0]);
    if (name === null) {
      walk.report({ code: 'manifest_yaml_unsupported', path, message: 'A key is not a plain text.', fix: 'Name it.' });
      continue;
    }
    refuseExtras(key, [...path, name], walk.report);
    const at = [...path, name];
    if (name === '__proto__') {
      // Zod passes over this one key in silence, and nothing here may be passed over.
      walk.places.set(JSON.stringify(at), { key: keyMark, value: keyMark });
      walk.report({ code: 'manifest_name_invalid', path: at, at: 'key', message: '`__proto__` cannot be a name.' });
      continue;
    }
    if (Object.hasOwn(object, name)) {
      walk.places.set(JSON.stringify(at), { key: keyMark, value: keyMark });
      walk.report({ code: 'manifest_key_duplicate', path: at, at: 'key', message: `\`${name}\` stands twice here.` });
      continue;
    }
    // What is not there has no place of its own.
    const isThere = value !== null && value.range[1] > value.range[0];
    const valueMark = isThere ? walk.markAt(value.range[0]) : keyMark;
    const item = plain(value, at, { key: keyMark, value: valueMark }, walk);
    object[name] = item;
  }
  return object;
}

function keyText(node: ParsedNode | null): string | null {
  if (node === null || !isScalar(node)) return null;
  if (typeof node.value === 'string') return node.value;
  // `1:` and `true:` are keys as they are written.
  return node.value === null ? null : (node.source ?? null);
}

function refuseExtras(node: Node, path: DocumentPath, report: Reporter): void {
  const say = (what: string, sign: string): void => {
    const fix = `Write the value out; a text that starts with \`${sign}\` needs quotes.`;
    report({ code: 'manifest_yaml_unsupported', path, message: `${what} not used in this format.`, fix });
  };
  if (isAlias(node)) say(`Aliases (*${node.source}) are`, '*');
  else if (node.anchor !== undefined) say(`Anchors (&${node.anchor}) are`, '&');
  if (node.tag !== undefined) say(`Tags (${node.tag}) are`, '!');
}

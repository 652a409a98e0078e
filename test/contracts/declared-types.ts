import { readFileSync } from 'node:fs';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The interfaces of a generated declaration file, as JSON Schemas that allow no other properties. */
export interface DeclaredTypes {
  /** Names of an interface's own properties. */
  properties(name: string): Readonly<Record<string, JsonSchema>>;
  /** The schema of an interface with all that it refers to. */
  schema(name: string): JsonSchema;
}

/**
 * Reads what Google's generator writes: optional properties of strings,
 * numbers, booleans, lists, other interfaces, nested objects and maps, each
 * with a doc comment. Anything else stands for any value.
 */
export function readDeclaredTypes(file: string): DeclaredTypes {
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const found = new Map<string, JsonSchema>();
  for (const match of text.matchAll(
    /interface ((?:Schema\$|Params\$|StandardParameters)[\w$]*)(?: extends \w+)? \{/g,
  )) {
    const reader = { text, at: match.index + match[0].length - 1 };
    found.set(match[1] ?? '', objectType(reader));
  }
  const of = (name: string): JsonSchema => {
    const schema = found.get(name);
    if (schema === undefined) throw new Error(`${file} declares no ${name}`);
    return schema;
  };
  return {
    properties: (name) => of(name)['properties'] as Readonly<Record<string, JsonSchema>>,
    schema: (name) => ({ ...of(name), definitions: Object.fromEntries(found) }),
  };
}

interface Reader {
  readonly text: string;
  at: number;
}

function objectType(reader: Reader): JsonSchema {
  expectText(reader, '{');
  const properties: Record<string, JsonSchema> = {};
  let rest: JsonSchema | false = false;
  while (accept(reader, /\}/y) === null) {
    if (accept(reader, /\[key: string\]:/y) !== null) rest = unionType(reader);
    else {
      const name = accept(reader, /'?([\w$.-]+)'?\??:/y);
      if (name === null) throw new Error(`cannot read a property at ${reader.text.slice(reader.at, reader.at + 60)}`);
      properties[name] = unionType(reader);
    }
    accept(reader, /;/y);
  }
  return { type: 'object', properties, additionalProperties: rest };
}

function unionType(reader: Reader): JsonSchema {
  const options = [listType(reader)];
  while (accept(reader, /\|/y) !== null) options.push(listType(reader));
  return options.length === 1 ? (options[0] ?? {}) : { anyOf: options };
}

function listType(reader: Reader): JsonSchema {
  let type = plainType(reader);
  while (accept(reader, /\[\]/y) !== null) type = { type: 'array', items: type };
  return type;
}

function plainType(reader: Reader): JsonSchema {
  skip(reader);
  if (reader.text[reader.at] === '{') return objectType(reader);
  const name = accept(reader, /([\w$.]+)/y) ?? '';
  if (['string', 'number', 'boolean', 'null'].includes(name)) return { type: name };
  return name.startsWith('Schema$') ? { $ref: `#/definitions/${name}` } : {};
}

function expectText(reader: Reader, text: string): void {
  skip(reader);
  if (!reader.text.startsWith(text, reader.at)) throw new Error(`expected ${text} at ${reader.at}`);
  reader.at += text.length;
}

/** Takes what matches here: the first group, or an empty text; null if nothing does. */
function accept(reader: Reader, pattern: RegExp): string | null {
  skip(reader);
  pattern.lastIndex = reader.at;
  const match = pattern.exec(reader.text);
  if (match === null) return null;
  reader.at = pattern.lastIndex;
  return match[1] ?? '';
}

function skip(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? '')) reader.at += 1;
}

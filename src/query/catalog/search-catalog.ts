import type { Caller, VisibleObject } from '../../access/index.ts';
import { limits } from '../../kernel/index.ts';
import type { CatalogueField } from '../../mapping/index.ts';
import { schemaVersion } from '../schema-version.ts';
import type { CatalogMatch, QueryScope, SearchAnswer, SearchRequest } from '../types.ts';

/**
 * Objects and fields whose names, titles, explanations or values contain the
 * words, best first. Models come before native objects of equal rank.
 */
export function searchCatalog(caller: Caller, scope: QueryScope, request: SearchRequest): SearchAnswer {
  const words = request.query
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const kind = request.kind ?? 'any';
  const found: { match: CatalogMatch; score: number }[] = [];
  for (const object of caller.objects.values()) {
    // What the product team named is more likely meant than what a provider did.
    const bonus = object.kind === 'model' ? 0.5 : 0;
    if (kind !== 'field') add(found, objectMatch(object), scoreOf(words, objectTexts(object)) * 1.5 + bonus);
    if (kind === 'object') continue;
    for (const field of object.fields.values()) {
      add(found, fieldMatch(object, field), scoreOf(words, fieldTexts(object, field)) + bonus);
    }
  }
  found.sort((a, b) => b.score - a.score || (a.match.name < b.match.name ? -1 : 1));
  const limit = Math.min(request.limit ?? limits.catalogMatchesDefault, limits.catalogMatchesMax);
  return {
    matches: found.slice(0, limit).map((entry) => entry.match),
    more: Math.max(0, found.length - limit),
    schema_version: schemaVersion(scope),
  };
}

function add(found: { match: CatalogMatch; score: number }[], match: CatalogMatch, score: number): void {
  if (score >= 1) found.push({ match, score });
}

interface Texts {
  /** What it is called. */
  readonly names: readonly string[];
  /** What is said about it. */
  readonly about: readonly string[];
}

const objectTexts = (object: VisibleObject): Texts => ({
  names: [object.name, object.title],
  about: [object.why ?? '', ...object.sources.flatMap((source) => [source.provider, source.nativeObject])],
});

const fieldTexts = (object: VisibleObject, field: CatalogueField): Texts => ({
  names: [field.name, field.title],
  about: [field.why ?? '', object.name, ...(field.values ?? [])],
});

/** Each word counts by the best place where it stands; a query counts by its words' mean, so that all of them matter. */
function scoreOf(words: readonly string[], { names, about }: Texts): number {
  if (words.length === 0) return 0;
  const lowerNames = names.map((name) => name.toLowerCase());
  const lowerAbout = about.map((text) => text.toLowerCase());
  const scores = words.map((word) => {
    const forms = word.length > 3 && word.endsWith('s') ? [word, word.slice(0, -1)] : [word];
    return Math.max(...forms.map((form) => wordScore(form, lowerNames, lowerAbout)));
  });
  return scores.reduce((sum, score) => sum + score, 0) / words.length;
}

function wordScore(word: string, names: readonly string[], about: readonly string[]): number {
  if (names.some((name) => partsOf(name).includes(word) || name === word)) return 8;
  if (names.some((name) => name.includes(word))) return 4;
  return about.some((text) => text.includes(word)) ? 2 : 0;
}

const partsOf = (name: string): string[] => name.split(/[^\p{L}\p{N}]+/u);

const objectMatch = (object: VisibleObject): CatalogMatch => ({
  kind: 'object',
  name: object.name,
  title: object.title,
  ...(object.why === null ? {} : { why: object.why }),
  systems: systemsOf(object),
});

const fieldMatch = (object: VisibleObject, field: CatalogueField): CatalogMatch => ({
  kind: 'field',
  name: `${object.name}.${field.name}`,
  title: field.title,
  ...(field.why === null ? {} : { why: field.why }),
  type: field.type,
  systems: systemsOf(object),
});

const systemsOf = (object: VisibleObject): string[] => [...new Set(object.sources.map((source) => source.provider))];

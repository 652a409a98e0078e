import { canonicalJson, contentHash, type Json, type JsonObject } from '../kernel/index.ts';
import type { Manifest } from './types.ts';

/**
 * A manifest as JSON: maps as objects, without the places in files, which are
 * not part of its meaning, and compiled texts, whose hashes stand beside them.
 */
export const manifestJson = (manifest: Manifest): JsonObject => toJson(manifest) as JsonObject;

/** Equal for manifests that mean the same, however their files are laid out. */
export const manifestHash = (manifest: Manifest): string => contentHash(canonicalJson(manifestJson(manifest)));

/** Any part of a manifest as JSON. */
export function toJson(value: unknown): Json {
  if (value instanceof Map) return objectOf(value.entries());
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object' && value !== null) {
    return objectOf(Object.entries(value).filter(([key]) => key !== 'at' && key !== 'compiled'));
  }
  return value as Json;
}

const objectOf = (entries: Iterable<[string, unknown]>): JsonObject =>
  Object.fromEntries([...entries].map(([key, value]) => [key, toJson(value)]));

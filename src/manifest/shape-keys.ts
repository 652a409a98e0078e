import { z } from 'zod';
import type { DocumentPath } from './document.ts';

/** The keys that a shape knows at `path`, for suggestions. Unions are followed through their block. */
export function keysAt(shape: z.ZodType, path: DocumentPath): string[] {
  let at: z.ZodType | null = blockOf(shape);
  for (const part of path) {
    if (at === null) return [];
    at = step(at, part);
    at = at === null ? null : blockOf(at);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function step(shape: z.ZodType, part: string | number): z.ZodType | null {
  if (shape instanceof z.ZodObject) return (shape.shape as Record<string, z.ZodType>)[part] ?? null;
  if (shape instanceof z.ZodRecord) return shape.valueType as z.ZodType;
  if (shape instanceof z.ZodArray) return shape.element as z.ZodType;
  return null;
}

/** Without `optional`, and of a union the alternative that has keys or items. */
function blockOf(shape: z.ZodType): z.ZodType | null {
  if (shape instanceof z.ZodOptional) return blockOf(shape.unwrap() as z.ZodType);
  if (!(shape instanceof z.ZodUnion)) return shape;
  for (const option of shape.options as z.ZodType[]) {
    const block = blockOf(option);
    if (block instanceof z.ZodObject || block instanceof z.ZodRecord || block instanceof z.ZodArray) return block;
  }
  return null;
}

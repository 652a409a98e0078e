import { GantryError } from '../kernel/index.ts';

export function taken(kind: string, name: string): GantryError {
  return new GantryError('store_name_taken', { message: `There is a ${kind} named ${name} already.`, where: name });
}

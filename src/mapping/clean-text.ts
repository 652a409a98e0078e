import { limits } from '../kernel/index.ts';

/**
 * Names and labels come from the customer's org, where anybody with the right
 * to add a field writes them, and they reach tool descriptions. Control
 * characters, zero-width ones and those that turn the reading direction go;
 * what is left is capped.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029]/gu;

const clean = (text: string, most: number): string => {
  const kept = text.replace(invisible, ' ').replaceAll(/\s+/gu, ' ').trim();
  const characters = [...kept];
  return characters.length <= most ? kept : `${characters.slice(0, most - 1).join('')}…`;
};

export const cleanLabel = (text: string): string => clean(text, limits.labelCharsMax);
export const cleanDescription = (text: string): string => clean(text, limits.descriptionCharsMax);

/**
 * Whether a value of a closed list can be shown as it is. Values are compared
 * exactly, so one that would have to be cut or cleaned is not shown at all.
 */
export const isShowable = (value: string): boolean => cleanLabel(value) === value;

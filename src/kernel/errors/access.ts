import { family } from './spec.ts';

export const accessErrors = family({});

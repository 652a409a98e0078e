import { family } from './spec.ts';

export const lensErrors = family({});

import { family } from './spec.ts';

export const manifestErrors = family({});

import { family } from './spec.ts';

export const storeErrors = family({});

import { family } from './spec.ts';

export const connectionErrors = family({});

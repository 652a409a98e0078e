import { family } from './spec.ts';

export const queryErrors = family({});

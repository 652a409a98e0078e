export { callerFor, type CallerInput } from './caller-for.ts';
export type { Caller, PolicyScope, VisibleObject } from './types.ts';

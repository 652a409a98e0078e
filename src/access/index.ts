export type { Caller, PolicyScope, VisibleObject } from './types.ts';

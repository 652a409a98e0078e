export { createCallerCache, type CallerCache } from './caller-cache.ts';
export { callerFor, type CallerInput } from './caller-for.ts';
export { showsClass } from './shows-class.ts';
export type { Caller, PolicyScope, VisibleObject, WithheldSource } from './types.ts';
export type {
  KnownRights,
  PrincipalRights,
  RightsSource,
  StreamRights,
  UnknownReason,
  UnknownRights,
} from './rights.ts';
export { ruleAudience, ruleStanding, type LinkedUser } from './rule.ts';
export {
  rightsFrom,
  type ConnectionFacts,
  type ObjectFacts,
  type RightsFacts,
  type StreamFacts,
} from './rights-from.ts';

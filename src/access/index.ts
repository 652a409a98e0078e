export { createCallerCache, type CallerCache } from './caller-cache.ts';
export { callerFor, type CallerInput } from './caller-for.ts';
export { writeGrantFor } from './write-grant-for.ts';
export { sightsOf } from './shown-objects.ts';
export { shownClasses, showsClass } from './shows-class.ts';
export type { Caller, PolicyScope, VisibleObject, WithheldSource } from './types.ts';
export type {
  KnownRights,
  PrincipalRights,
  RightsSource,
  StreamRights,
  UnknownReason,
  UnknownRights,
} from './rights.ts';
export { noMoreThan } from './no-more-than.ts';
export { withinFields, type ShownFields } from './fields-shown.ts';
export { whoCanFix } from './who-can-fix.ts';
export { ruleAudience, ruleIn, ruleStanding, type LinkedUser } from './rule.ts';
export {
  rightsFrom,
  type ConnectionFacts,
  type ObjectFacts,
  type RightsFacts,
  type StreamFacts,
} from './rights-from.ts';

export { decide } from './decide.ts';
export { defaultRules } from './default-rules.ts';
export { permissionOf, type Permission, type PermissionParts, type PolicyWord } from './permission.ts';
export { trialEndOf, type TrialEnd } from './pilot.ts';
export {
  pathsAsked,
  policyRules,
  policyVersionOf,
  sumKey,
  sumsOf,
  type MoneyLimit,
  type PolicyRules,
} from './policy-rules.ts';
export { amountText } from './reason-text.ts';
export type {
  ApprovalNeed,
  PolicyDecision,
  PolicyPart,
  PolicyQuestion,
  PolicyReason,
  RollingSum,
  SafetyClass,
  Spent,
} from './types.ts';

export type {
  ApprovalPerson,
  ApprovalPilot,
  ApprovalRule,
  ApprovalRules,
  ApprovalWhen,
  Range,
  SecondReview,
} from './approval-types.ts';
export type { AlertRoute, AlertSettings } from './alert-types.ts';
export type { ChecklistPolicy, SignedThresholds } from './checklist-types.ts';
export type { SwitchLimit, SwitchTrigger } from './switch-types.ts';
export { loadProject } from './load-project.ts';
export { compiledFile, isOperationFile, type CompiledOperation } from './code-files.ts';
export { decodeFile } from './decode-file.ts';
export { isNetwork } from './networks.ts';
export { globMatches } from './glob.ts';
export { guardedMappings } from './guarded-mappings.ts';
export { loadOverlay, type OverlayResult } from './load-overlay.ts';
export { manifestFor, syncDefaults } from './manifest-for.ts';
export { neverS } from './ages.ts';
export { nextTime, type Times } from './cron.ts';
export { manifestHash, manifestJson, toJson as partJson } from './manifest-json.ts';
export { planChange } from './plan-change.ts';
export type {
  AgentImpact,
  Break,
  Plan,
  PlanChange,
  PlanContext,
  PlanDetail,
  PlanKind,
  TenantFacts,
  TenantImpact,
} from './plan.ts';
export { problemsError, renderProblem, sortProblems, type Problem, type ProblemCode } from './problem.ts';
export type { KnownNames, LoadResult, ProjectFiles } from './project.ts';
export { fillParams } from './query-params.ts';
export { renderPlan } from './render-plan.ts';
export { projectSchemas } from './schemas.ts';
export { readProject } from './read-project.ts';
export { units, unitsOf, type Unit } from './units.ts';
export type {
  AccessDefaults,
  AccessRule,
  AgentDeclaration,
  CurrencyRates,
  DateOrder,
  Deprecation,
  FieldMapping,
  Grant,
  HistoryPolicy,
  Integration,
  IntegrationMode,
  IntegrationObject,
  IntegrationOverlay,
  LiveWays,
  NewFieldWays,
  ManyRelation,
  Manifest,
  MatchForm,
  MatchKey,
  Model,
  ModelField,
  NativeFieldOf,
  NativeFieldRef,
  ObjectGrant,
  ObjectPermissions,
  ObjectOverlay,
  OnMissing,
  Overlay,
  Policies,
  SavedQuery,
  SavedQueryParam,
  Scalar,
  ScopeDocument,
  SourceMark,
  SyncSettings,
  TransformStep,
  Trust,
  WriteAs,
} from './types.ts';
export type {
  ImpactExpression,
  ImpactTerm,
  ObjectWrite,
  Operation,
  OperationCode,
  OperationInput,
  Precondition,
  SetValue,
  UnmappedRule,
  WriteGrant,
  WriteGuard,
  WriteVerb,
} from './write-types.ts';

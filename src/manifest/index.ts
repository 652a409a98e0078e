export { loadProject } from './load-project.ts';
export { globMatches } from './glob.ts';
export { manifestHash, manifestJson } from './manifest-json.ts';
export { planChange } from './plan-change.ts';
export type { AgentImpact, Plan, PlanChange, PlanDetail, PlanKind } from './plan.ts';
export { problemsError, renderProblem, type Problem, type ProblemCode } from './problem.ts';
export type { KnownNames, LoadResult, ProjectFiles } from './project.ts';
export { renderPlan } from './render-plan.ts';
export { projectSchemas } from './schemas.ts';
export { readProject } from './read-project.ts';
export type {
  AgentDeclaration,
  DateOrder,
  FieldMapping,
  Grant,
  Integration,
  IntegrationMode,
  IntegrationObject,
  ManyRelation,
  Manifest,
  Model,
  ModelField,
  NativeFieldRef,
  ObjectGrant,
  OnMissing,
  SourceMark,
  SyncSettings,
  TransformStep,
  Trust,
} from './types.ts';

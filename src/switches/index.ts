export { createCallGuard, type CallGuard } from './call-guard.ts';
export { liftSwitchNow, throwSwitchNow, type LiftStep, type Thrown } from './manage.ts';
export { scopeText } from './scope-text.ts';
export { stoppedBy, stopTable, type Stop, type SwitchedAct, type SwitchedStep } from './stopped-by.ts';
export type { SwitchMode, SwitchScope } from './types.ts';

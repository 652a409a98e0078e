export { createCallGuard, type CallGuard } from './call-guard.ts';
export { liftSwitchNow, throwSwitchNow, type Lift, type LiftStep, type Thrown } from './manage.ts';
export { scopeText } from './scope-text.ts';
export { stopAmong, stoppedBy, stopTable, type Stop, type SwitchedAct, type SwitchedStep } from './stopped-by.ts';
export { counted, partsIn, partsJson, totalOf, type CountedPart, type Figures } from './counted.ts';
export { countsOf, isOver, reasonOf, type EndedWrite, type Watched } from './trigger.ts';
export { writeWatch, type WriteWatch } from './watch.ts';
export type { SwitchMode, SwitchScope } from './types.ts';

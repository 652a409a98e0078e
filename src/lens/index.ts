export type {
  LayoutSource,
  Lens,
  LensAnswer,
  LensAnswerColumn,
  LensRead,
  LensSqlRead,
  LensStatus,
  SessionRelation,
  SqlCaller,
  StreamFreshness,
} from './contract.ts';
export { createLens, type LensOptions } from './create-lens.ts';
export type { LensEvent } from './events.ts';

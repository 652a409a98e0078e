export type { BudgetReport } from './budget-report.ts';
export { circuitTable, type CircuitEvent, type CircuitState } from './circuit-state.ts';
export { accountOf, type ConnectionBudget } from './connection-budget.ts';
export { createBudgets, type Budgets } from './create-budgets.ts';
export type { BudgetDeps } from './deps.ts';
export type { BudgetEvent } from './events.ts';
export type { ConfiguredLimits } from './rules.ts';

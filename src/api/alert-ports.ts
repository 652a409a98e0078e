import type { JsonObject } from '../kernel/index.ts';
import type { Operator } from './ports.ts';

/** What is wrong and who was told, for operators. Implemented by src/app over alerts. */
export interface AlertUseCases {
  /** Of one tenant, or of the installation and all tenants: what is not over, the worst first. Raises `not_found`. */
  list(
    operator: Operator,
    request: { readonly tenant?: string; readonly resolved: boolean; readonly limit: number },
  ): Promise<readonly JsonObject[]>;
  /** Without a tenant: one of the installation's own. Raises `not_found`, `alert_state_conflict`. */
  acknowledge(
    operator: Operator,
    request: {
      readonly tenant?: string;
      readonly id: number;
      readonly note: string | null;
      readonly by: string | null;
    },
  ): Promise<JsonObject>;
  /** Where messages go, and what is missing for it. */
  routes(operator: Operator): Promise<readonly JsonObject[]>;
  /** Sends one message now. Raises `alert_route_unknown`, `alert_route_unset`. */
  test(operator: Operator, request: { readonly route: string }): Promise<JsonObject>;
}

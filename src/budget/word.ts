import { connectionId, isJsonObject, tenantId, type ConnectionId, type Json, type TenantId } from '../kernel/index.ts';
import { circuitTable, type CircuitState } from './circuit-state.ts';

/** What one process tells the others. */
export type Word =
  | { readonly kind: 'blocked'; readonly account: string; readonly limit: string; readonly forMs: number }
  | {
      readonly kind: 'circuit';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly state: CircuitState;
      readonly forMs: number;
    };

/** Null for what another version of the program may say. */
export function readWord(payload: string): Word | null {
  const said = jsonIn(payload);
  if (!isJsonObject(said) || typeof said['forMs'] !== 'number') return null;
  const { forMs, account, limit, tenant, connection, state } = said;
  if (typeof account === 'string' && typeof limit === 'string') return { kind: 'blocked', account, limit, forMs };
  if (typeof tenant !== 'number' || typeof connection !== 'number' || !isCircuitState(state)) return null;
  return { kind: 'circuit', tenant: tenantId(tenant), connection: connectionId(connection), state, forMs };
}

const isCircuitState = (value: Json | undefined): value is CircuitState =>
  typeof value === 'string' && Object.hasOwn(circuitTable, value);

function jsonIn(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

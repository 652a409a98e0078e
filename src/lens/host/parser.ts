import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { limits, systemClock } from '../../kernel/index.ts';
import type { HostCalls } from '../host-protocol.ts';
import { createGate } from './gate.ts';
import { selectText } from './select.ts';

/**
 * Parses in an instance without any data, opened with the first statement.
 * Each parse has a connection for itself, and its turn among the callers'.
 */
export function createParser(): (request: HostCalls['parse']['request']) => Promise<string> {
  const gate = createGate({ total: limits.sqlParsesMax, perTenant: limits.sqlConcurrentPerTenantMax });
  const idle: DuckDBConnection[] = [];
  let opened: Promise<DuckDBInstance> | undefined;
  return async ({ sql, timeoutMs, ...caller }) => {
    const leave = await gate.enter(caller, systemClock.monotonicMs() + timeoutMs);
    try {
      const connection = idle.pop() ?? (await (await (opened ??= openEmpty())).connect());
      try {
        return await selectText(connection, 'select json_serialize_sql($1::varchar)::varchar', [sql]);
      } finally {
        idle.push(connection);
      }
    } finally {
      leave();
    }
  };
}

const openEmpty = (): Promise<DuckDBInstance> =>
  DuckDBInstance.create(':memory:', {
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    enable_external_access: 'false',
    lock_configuration: 'true',
  });

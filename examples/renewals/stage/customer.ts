import { createAgentKey, createTenant, type Gantry } from '../../../src/app/index.ts';
import type { OAuthApp } from '../../../src/connectors/index.ts';
import { systemRandom } from '../../../src/kernel/index.ts';
import { adminOf, type RunningSandboxProcess } from '../../../sandbox/client/index.ts';
import { createOperator, type Operator } from './operator.ts';

/** A tenant of the stage, with the systems that it brings: integration to sandbox. */
export interface Customer {
  readonly tenant: string;
  readonly systems: ReadonlyMap<string, RunningSandboxProcess>;
  readonly operator: Operator;
  /** A bearer key of one of the project's agents. */
  keyFor(agent: string): Promise<string>;
  /** Signs in to one of its systems. */
  connect(integration: string): Promise<void>;
  /** Signs in to all of them, one after the other, and resolves when everything is loaded. */
  connectAll(): Promise<void>;
}

interface CustomerOptions {
  readonly gantry: Gantry;
  readonly url: string;
  readonly operatorKey: string;
  /** What the server was configured with; sandboxes stand at addresses that belong to no provider. */
  readonly configured: { readonly apps: Map<string, OAuthApp>; readonly loginUrls: Map<string, string> };
  readonly tenant: string;
  readonly systems: ReadonlyMap<string, RunningSandboxProcess>;
}

export async function createCustomer(options: CustomerOptions): Promise<Customer> {
  const { gantry, url, operatorKey, configured, tenant, systems } = options;
  await createTenant(gantry.db, tenant);
  const operator = createOperator({ url, operatorKey, tenant });
  const connect = async (integration: string): Promise<void> => {
    const sandbox = systems.get(integration);
    if (sandbox === undefined) throw new Error(`${tenant} has no ${integration}`);
    // Real customers sign in at hosts of the provider's, each at its own. On one machine the operator has to name each.
    configured.loginUrls.set(integration, sandbox.url);
    if (sandbox.health.oauth === null) return operator.connectByKey(integration, keyOf(sandbox));
    configured.apps.set(integration, sandbox.app);
    return operator.connect(integration, sandbox);
  };
  return {
    tenant,
    systems,
    operator,
    keyFor: (agent) =>
      createAgentKey(
        { db: gantry.db, revisions: gantry.revisions, random: systemRandom },
        { tenant, agent, label: 'example', expiresInDays: null },
      ),
    connect,
    connectAll: async () => {
      for (const integration of systems.keys()) await connect(integration);
      await operator.loaded([...systems.keys()]);
    },
  };
}

/** What an administrator of Odoo enters. */
function keyOf(sandbox: RunningSandboxProcess): Record<string, string> {
  const admin = adminOf(sandbox);
  return {
    url: sandbox.url,
    database: sandbox.health.details['database'] ?? '',
    login: admin.username,
    api_key: admin.apiKey ?? '',
  };
}

import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createAgentKey, createLog, createTenant, openGantry, type Gantry } from '../../../src/app/index.ts';
import { systemRandom } from '../../../src/kernel/index.ts';
import { readProject } from '../../../src/manifest/index.ts';
import { startSandbox, type RunningSandboxProcess } from '../../../sandbox/client/index.ts';
import { freePort } from './free-port.ts';
import { createOperator, type Operator } from './operator.ts';

export interface StageOptions {
  readonly scale: number;
  readonly seed: number;
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  /** 0: any free one. */
  readonly port: number;
  readonly logLevel: string;
}

/** Everything of the example running on this machine: two customised systems, the server, one customer. */
export interface Stage {
  readonly gantry: Gantry;
  readonly url: string;
  readonly tenant: string;
  readonly crm: RunningSandboxProcess;
  readonly support: RunningSandboxProcess;
  /** Bearer key of the agent that sees everything. */
  readonly agentKey: string;
  readonly operatorKey: string;
  readonly operator: Operator;
  /** Calls that Gantry made to the two systems so far. */
  upstreamCalls(): number;
  close(): Promise<void>;
}

const TENANT = 'acme';
export const projectFolder = fileURLToPath(new URL('..', import.meta.url));

export async function openStage(options: StageOptions): Promise<Stage> {
  const port = options.port === 0 ? await freePort() : options.port;
  const publicUrl = `http://127.0.0.1:${String(port)}`;
  const start = { seed: options.seed, scale: options.scale, redirectUris: [`${publicUrl}/oauth/callback`] };
  const [crm, support] = await Promise.all([startSandbox('salesforce', start), startSandbox('zendesk', start)]);
  // The documented limit of the plan with the High Volume API add-on; the plain plan's 10 would make the first load wait.
  await support.control('POST', 'limits', { highVolume: true });
  let calls = 0;
  const operatorKey = `gto_${randomBytes(24).toString('base64url')}`;
  const gantry = await openGantry({
    config: {
      dataDir: options.dataDir,
      databaseUrl: options.databaseUrl,
      host: '127.0.0.1',
      port,
      publicUrl,
      allowedHosts: [],
      masterKey: randomBytes(32),
      operatorKey,
      oauthApps: new Map([
        ['crm', crm.app],
        ['support', support.app],
      ]),
      logLevel: options.logLevel,
    },
    emit: createLog(options.logLevel),
    onUpstreamCall: () => {
      calls += 1;
    },
  });
  const close = async (): Promise<void> => {
    await gantry.close();
    await Promise.all([crm.stop(), support.stop()]);
  };
  try {
    const files = await readProject(projectFolder);
    await gantry.revisions.apply({ files, author: 'example', message: 'the renewals example' });
    await createTenant(gantry.db, TENANT);
    const agentKey = await createAgentKey(
      { db: gantry.db, revisions: gantry.revisions, random: systemRandom },
      { tenant: TENANT, agent: 'renewals-copilot', label: 'example', expiresInDays: null },
    );
    gantry.startWorker();
    const { url } = await gantry.openDoors();
    const operator = createOperator({ url, operatorKey, tenant: TENANT });
    return {
      gantry,
      url,
      tenant: TENANT,
      crm,
      support,
      agentKey,
      operatorKey,
      operator,
      upstreamCalls: () => calls,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

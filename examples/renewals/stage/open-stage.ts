import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createLog, openFilesHere, openGantry, type Gantry } from '../../../src/app/index.ts';
import type { OAuthApp } from '../../../src/connectors/index.ts';
import { readProject } from '../../../src/manifest/index.ts';
import type { RunningSandboxProcess } from '../../../sandbox/client/index.ts';
import { createCustomer, type Customer } from './customer.ts';
import { freePort } from './free-port.ts';
import type { Operator } from './operator.ts';
import { startAcme, startGlobex, type AcmeSystems, type GlobexSystems } from './sandboxes.ts';

export interface StageOptions {
  readonly scale: number;
  readonly seed: number;
  readonly dataDir: string;
  readonly databaseUrl: string | null;
  /** 0: any free one. */
  readonly port: number;
  readonly logLevel: string;
  /** Also acme's calendar, and the second customer. Without it: acme with its CRM and its help desk. */
  readonly whole?: boolean;
  /** 32 bytes; of its own making, unless said otherwise. */
  readonly masterKey?: Uint8Array;
  /** Records of the second customer; as many as acme has, unless said otherwise. */
  readonly globexScale?: number;
}

/** Everything of the example running on this machine: customised systems, the server, its customers. */
export interface Stage {
  readonly gantry: Gantry;
  readonly url: string;
  readonly tenant: string;
  readonly crm: RunningSandboxProcess;
  readonly support: RunningSandboxProcess;
  /** Bearer key of acme's agent that sees everything. */
  readonly agentKey: string;
  readonly operatorKey: string;
  /** For acme. */
  readonly operator: Operator;
  readonly acme: Customer;
  /** Odoo, a help desk and a calendar; null unless the stage is `whole`. */
  readonly globex: Customer | null;
  /** Calls that Gantry made to all systems so far. */
  upstreamCalls(): number;
  close(): Promise<void>;
}

export const projectFolder = fileURLToPath(new URL('..', import.meta.url));

export async function openStage(options: StageOptions): Promise<Stage> {
  const port = options.port === 0 ? await freePort() : options.port;
  const publicUrl = `http://127.0.0.1:${String(port)}`;
  const start = { seed: options.seed, scale: options.scale, redirectUris: [`${publicUrl}/oauth/callback`] };
  const whole = options.whole ?? false;
  const [acmeSystems, globexSystems] = await Promise.all([
    startAcme(start, whole),
    whole ? startGlobex({ ...start, scale: options.globexScale ?? options.scale }) : null,
  ]);
  const systemsOf = (systems: AcmeSystems | GlobexSystems | null): Map<string, RunningSandboxProcess> =>
    new Map(Object.entries(systems ?? {}).filter((entry) => entry[1] !== null));
  const systems = { acme: systemsOf(acmeSystems), globex: systemsOf(globexSystems) };
  const { crm, support } = acmeSystems;
  const configured = { apps: new Map<string, OAuthApp>(), loginUrls: new Map<string, string>() };
  for (const [integration, sandbox] of [...systems.globex, ...systems.acme]) {
    if (sandbox.health.oauth !== null) configured.apps.set(integration, sandbox.app);
  }
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
      peerUrl: null,
      lensSnapshots: null,
      lensOpenMax: openFilesHere(),
      masterKey: options.masterKey ?? randomBytes(32),
      otherMasterKeys: [],
      connectReturnOrigins: [],
      outboundProxy: null,
      operatorKey,
      oauthApps: configured.apps,
      loginUrls: configured.loginUrls,
      logLevel: options.logLevel,
    },
    emit: createLog(options.logLevel),
    onUpstreamCall: () => {
      calls += 1;
    },
  });
  const close = async (): Promise<void> => {
    await gantry.close();
    await Promise.all([...systems.acme.values(), ...systems.globex.values()].map((sandbox) => sandbox.stop()));
  };
  try {
    const files = await readProject(projectFolder);
    await gantry.revisions.apply({ files, author: 'example', message: 'the renewals example' });
    gantry.startWorker();
    const { url } = await gantry.openDoors();
    const shared = { gantry, url, operatorKey, configured };
    const acme = await createCustomer({ ...shared, tenant: 'acme', systems: systems.acme });
    const globex = whole ? await createCustomer({ ...shared, tenant: 'globex', systems: systems.globex }) : null;
    const agentKey = await acme.keyFor('renewals-copilot');
    const { tenant, operator } = acme;
    const upstreamCalls = (): number => calls;
    return { gantry, url, tenant, crm, support, agentKey, operatorKey, operator, acme, globex, upstreamCalls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

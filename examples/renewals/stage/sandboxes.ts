import { startSandbox, type RunningSandboxProcess } from '../../../sandbox/client/index.ts';

export interface StartOptions {
  readonly seed: number;
  readonly scale: number;
  readonly redirectUris: readonly string[];
}

/** acme's systems; the calendar only where everything is wanted. */
export interface AcmeSystems {
  readonly crm: RunningSandboxProcess;
  readonly support: RunningSandboxProcess;
  readonly calendar: RunningSandboxProcess | null;
}

export interface GlobexSystems {
  readonly erp: RunningSandboxProcess;
  readonly support: RunningSandboxProcess;
  readonly calendar: RunningSandboxProcess;
}

export async function startAcme(start: StartOptions, withCalendar: boolean): Promise<AcmeSystems> {
  const [crm, support, calendar] = await Promise.all([
    startSandbox('salesforce', start),
    startHelpDesk(start),
    withCalendar ? startSandbox('google_calendar', start) : null,
  ]);
  return { crm, support, calendar };
}

export async function startGlobex(start: StartOptions): Promise<GlobexSystems> {
  const globex = { ...start, company: 'globex' } as const;
  const [erp, support, calendar] = await Promise.all([
    startSandbox('odoo', globex),
    startHelpDesk(globex),
    startSandbox('google_calendar', globex),
  ]);
  return { erp, support, calendar };
}

/** With the documented limit of the High Volume API add-on; the plain plan's 10 would make the first load wait. */
async function startHelpDesk(start: Parameters<typeof startSandbox>[1]): Promise<RunningSandboxProcess> {
  const support = await startSandbox('zendesk', start);
  await support.control('POST', 'limits', { highVolume: true });
  return support;
}

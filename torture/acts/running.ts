import type { Scene } from '../scene.ts';
import { asked, request, type Act } from './act.ts';

const TENANT = 'acme';
/** Two people: what one has stopped, the other has to let go on, too. */
const ADMINS = ['dan', 'fay'] as const;
/** An agent that does nothing: what it may not do for a while nobody misses. */
const AGENT = 'idle';

async function hired({ stage }: Scene): Promise<void> {
  for (const name of ADMINS) await stage.people.hire(name, 'admin');
}

/** Of everybody, or of one customer. */
const stopped = (where: object) => async (scene: Scene) => {
  await hired(scene);
  const { people } = scene.stage;
  const body = { ...where, mode: 'stop_writes', agent: AGENT, reason: 'rehearsal' };
  const thrown = await people.ask(ADMINS[0], 'POST', '/v1/switches', body);
  refusedIn('POST /v1/switches', thrown.status, thrown.body);
  const path = `/v1/switches/${String(thrown.body['id'])}/lift`;
  for (const name of ADMINS) {
    const { status, body: said } = await people.ask(name, 'POST', path, { ...where, reason: 'rehearsal' });
    refusedIn(path, status, said);
  }
};

function refusedIn(path: string, status: number, body: object): void {
  if (status >= 400) throw new Error(`${path} answered ${String(status)}: ${JSON.stringify(body)}`);
}

async function suspended(scene: Scene): Promise<void> {
  for (const act of ['suspend', 'resume'])
    await asked(scene, 'POST', `/v1/agents/${AGENT}/${act}`, { note: 'rehearsal' });
}

async function operators(scene: Scene): Promise<void> {
  await scene.stage.people.hire('cyd', 'approver');
  await asked(scene, 'POST', '/v1/operators/cyd/sign-out');
  await scene.stage.people.dismiss('cyd');
}

async function rotated(scene: Scene): Promise<void> {
  await asked(scene, 'POST', '/v1/agent-keys', { tenant: TENANT, agent: AGENT, label: 'rehearsal' });
  const { keys } = await asked(scene, 'GET', `/v1/agent-keys?tenant=${TENANT}`);
  const own = (keys as { id: string | number; agent: string }[]).find(({ agent }) => agent === AGENT);
  await asked(scene, 'POST', `/v1/agent-keys/${String(own?.id)}/rotate`, { tenant: TENANT });
}

/** For an hour somebody decides for another one. */
async function delegated(scene: Scene): Promise<void> {
  await hired(scene);
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const { people } = scene.stage;
  const made = await people.ask(ADMINS[0], 'POST', '/v1/delegations', { to: ADMINS[1], until });
  refusedIn('POST /v1/delegations', made.status, made.body);
  await people.ask(ADMINS[0], 'DELETE', `/v1/delegations/${String(made.body['id'])}`);
}

/** What people do who run things: stopping, letting go on, and who may do what. */
export const runningActs: readonly Act[] = [
  request('a stop for one customer', ['app.throw_switch', 'app.lift_switch'], stopped({ tenant: TENANT })),
  request('a stop everywhere', ['app.throw_global_switch', 'app.lift_global_switch'], stopped({})),
  request('an agent that is suspended', ['app.suspend_agent', 'app.resume_agent'], suspended),
  request(
    'an operator who comes and goes',
    ['app.add_operator', 'app.sign_out_operator', 'app.remove_operator'],
    operators,
  ),
  request("an agent's new key", ['app.rotate_key'], rotated),
  request('a delegation', ['approvals.delegate', 'approvals.undelegate'], delegated),
];

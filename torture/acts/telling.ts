import { asked, request, systemOf, work, type Act, type CommandAct } from './act.ts';
import { SUBSCRIBED } from '../stage/open-stage.ts';
import type { Scene } from '../scene.ts';

const nothing = async (): Promise<void> => undefined;

async function changeContact(scene: Scene): Promise<void> {
  for (let time = 0; time < 3; time += 1) await scene.load.change();
}

/** A subscription that nobody judges: it may come and go. */
async function spareSubscription(scene: Scene): Promise<string> {
  const body = { ...SUBSCRIBED, agent: 'checker', url: scene.stage.receiver.beside('spare') };
  const { subscriptions } = await asked(scene, 'GET', `/v1/subscriptions?tenant=${SUBSCRIBED.tenant}`);
  const there = (subscriptions as { id: number; url: string }[]).find(({ url }) => url === body.url);
  if (there !== undefined) return String(there.id);
  return String((await asked(scene, 'POST', '/v1/subscriptions', body))['id']);
}

const onSpare = (act: string) => async (scene: Scene) =>
  asked(scene, 'POST', `/v1/subscriptions/${await spareSubscription(scene)}/${act}`, { tenant: SUBSCRIBED.tenant });

async function removeSpare(scene: Scene): Promise<void> {
  const id = await spareSubscription(scene);
  await asked(scene, 'DELETE', `/v1/subscriptions/${id}?tenant=${SUBSCRIBED.tenant}`);
}

/** Deliveries fail: what is kept of attempts, and of a receiver that asks for quiet. */
async function refused(scene: Scene): Promise<void> {
  scene.stage.receiver.answer(500);
  await changeContact(scene);
}

/** Odoo tells of a partner, as often as there are things to keep. */
async function told(scene: Scene): Promise<void> {
  const { sandbox } = systemOf(scene, 'erp');
  const { id } = await sandbox.mutate({
    op: 'create',
    object: 'res.partner',
    fields: { name: 'canary-globex-told' },
  });
  for (let time = 0; time < 2; time += 1) await scene.stage.hooks.tell({ object: 'res.partner', id });
}

async function toldOfNobody({ stage }: Scene): Promise<void> {
  await stage.hooks.tell({ object: 'res.partner', id: '99999999' });
}

const cutLine = async (scene: Scene): Promise<void> => {
  await systemOf(scene, 'crm').sandbox.control('POST', 'pubsub', { cut: 'service.unavailable' });
};

const limited = {
  run: (scene: Scene) => systemOf(scene, 'support').proxy.plan({ share: 1, kinds: ['limited'], times: 4 }),
  calm: (scene: Scene) => systemOf(scene, 'support').proxy.calm(),
};

const down = {
  run: (scene: Scene) => systemOf(scene, 'erp').proxy.plan({ share: 1, kinds: ['reset'], times: 30 }),
  calm: (scene: Scene) => systemOf(scene, 'erp').proxy.calm(),
};

const REGISTRATION = [
  'inbox.look_at_registrations',
  'inbox.want_registration',
  'inbox.claim_registration',
  'inbox.registered_address',
  'inbox.keep_registration',
  'inbox.postpone_registration',
];

const TOLD = ['alerts.begin_attempt', 'alerts.post', 'alerts.mail', 'alerts.keep_attempt', 'alerts.due_now'];

/** The hour after which what nobody acknowledged is told again is over. */
async function remind({ stage }: Scene): Promise<void> {
  await stage.sql('update alert set remind_at = now() where remind_at > now()');
}

/** Deliveries that were set aside, by hand. */
const dead = (act: 'replay' | 'drop') => (scene: Scene) =>
  asked(scene, 'POST', `/v1/dead-events/${act}`, { tenant: 'globex', connection: 'erp', note: 'rehearsal' });

/** What is told, to us and by us, and how many calls there may be: inbox, lines, subscriptions, alerts, budget. */
export const tellingActs: readonly (Act | CommandAct)[] = [
  work(
    'ordinary work',
    [
      'budget.take',
      'budget.give_back',
      'alerts.look',
      'alerts.enrol',
      'alerts.enrol_more',
      'alerts.claim_turns',
      'alerts.settle_turn',
    ],
    nothing,
  ),
  work('refusals', ['budget.refused'], limited.run, { calm: limited.calm }),
  work('a provider that is down', ['budget.move_circuit'], down.run, { calm: down.calm, patienceMs: 6_000 }),
  work('a line of events', ['inbox.want_line', 'inbox.claim_line', 'inbox.keep_batch'], changeContact),
  work('a line that breaks', ['inbox.break_line', 'connection.record_line_health'], cutLine),
  work('objects that tell by webhook', REGISTRATION, nothing, { patienceMs: 6_000 }),
  work('a line that is held', ['inbox.hold_line'], nothing, { patienceMs: 7_000 }),
  {
    name: 'a worker that is asked to end',
    host: 'worker',
    places: ['inbox.release_line'],
    apart: true,
    run: async ({ stage }) => {
      for (const worker of stage.workers) worker.signal('SIGTERM');
    },
  },
  request('a webhook address', ['inbox.make_address'], (scene) =>
    asked(scene, 'POST', '/v1/connections/calendar/webhook', { tenant: 'globex' }),
  ),
  request('a delivery', ['inbox.keep_events'], told),
  request('a forged delivery', ['inbox.count_refusal'], ({ stage }) =>
    stage.hooks.forge({ object: 'res.partner', id: '1' }),
  ),
  work('deliveries', ['inbox.claim_turn', 'inbox.keep_records', 'inbox.release_turn'], told),
  work('deliveries about nothing', ['inbox.settle_unread'], toldOfNobody),
  request('deliveries set aside, again', ['inbox.replay_dead', 'inbox.note_act'], dead('replay')),
  request('deliveries set aside, dropped', ['inbox.drop_dead', 'inbox.note_act'], dead('drop')),
  work('people who are told again', TOLD, remind, { patienceMs: 5_000 }),
  request(
    'a notice taken',
    ['alerts.acknowledge'],
    async (scene) => {
      const { alerts } = await asked(scene, 'GET', '/v1/alerts');
      const last = (alerts as { id: number; tenant?: string | null }[]).at(-1);
      const tenant = typeof last?.tenant === 'string' ? { tenant: last.tenant } : {};
      await asked(scene, 'POST', `/v1/alerts/${String(last?.id)}/acknowledge`, { ...tenant, note: 'rehearsal' });
    },
    // Whoever has taken notice is not told again.
    { apart: true },
  ),
  work(
    'changes to tell of',
    [
      'subscriptions.claim_turns',
      'subscriptions.due_now',
      'subscriptions.look',
      'subscriptions.read_due',
      'subscriptions.deliver',
      'subscriptions.keep_attempt',
      'subscriptions.settle',
      'subscriptions.settle_turn',
    ],
    changeContact,
  ),
  work('a receiver that fails', ['subscriptions.hold', 'subscriptions.keep_attempt'], refused, {
    calm: async ({ stage }) => stage.receiver.answer(204),
  }),
  request('a subscription', ['subscriptions.create'], spareSubscription),
  request('a subscription paused', ['subscriptions.pause'], onSpare('pause')),
  request('a subscription resumed', ['subscriptions.resume'], onSpare('resume')),
  request('a new secret', ['subscriptions.rotate'], onSpare('rotate-secret')),
  request('events again', ['subscriptions.replay'], onSpare('replay')),
  request('a subscription removed', ['subscriptions.remove'], removeSpare),
];

import type { Scene } from '../scene.ts';
import { until } from './made.ts';

const TENANT = 'acme';

/** What waits for people because of a plan: its number, and of what a yes is. Null: nothing does. */
export async function waiting(
  { stage }: Scene,
  plan: string,
): Promise<{ readonly id: string; readonly seen: string } | null> {
  const list = await stage.ask('GET', `/v1/approvals?tenant=${TENANT}&plan=${plan}`);
  const { approvals } = (await list.json()) as { approvals: { id: number; kind: string }[] };
  const open = approvals.find(({ kind }) => kind !== 'review');
  if (open === undefined) return null;
  const shown = await stage.ask('GET', `/v1/approvals/${String(open.id)}?tenant=${TENANT}`);
  return { id: String(open.id), seen: ((await shown.json()) as { seen: string }).seen };
}

/** Says it until somebody heard it; that it is decided already is an answer, too. */
export async function decide(
  scene: Scene,
  { plan, who, verdict }: { readonly plan: string; readonly who: string; readonly verdict: 'approve' | 'deny' },
  tries?: number,
): Promise<void> {
  let open = await waiting(scene, plan).catch(() => null);
  await until(async () => {
    open ??= await waiting(scene, plan);
    if (open === null) return false;
    const said = { tenant: TENANT, verdict, seen: open.seen, reason: 'rehearsal' };
    const { status } = await scene.stage.people.ask(who, 'POST', `/v1/approvals/${open.id}/decision`, said);
    scene.stage.timeline.note(who, `${verdict} of ${plan} answered ${String(status)}`);
    return status === 200 || status === 409;
  }, tries);
}

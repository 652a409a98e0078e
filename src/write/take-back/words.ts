import type { PlannedWrite, WritePlan } from '../types.ts';
import type { TakeBack } from './remain.ts';

/**
 * Pure: what a plan says before anybody agrees to it of what happens where a
 * step fails, and of what stays whatever is taken back.
 */
export function takeBackWords({ writes, sideEffects }: Pick<WritePlan, 'writes' | 'sideEffects'>): readonly string[] {
  const stuck = [...new Set(writes.filter(({ reversibility }) => reversibility === 'none').map(placeOf))];
  const anew = writes.some(({ operation }) => operation === 'delete');
  return [
    'If a step fails, what was written before is taken back, the last step first: new records are deleted, changed values are set to what stood there before. Approving the plan is approving that. What somebody else has changed since is left, and waits for a person.',
    ...(anew ? ['If a step fails, deleted records are made anew, under another id.'] : []),
    ...stuck.map((place) => `If a step fails, this cannot be taken back: ${place}.`),
    ...sideEffects.map((effect) => `If a step fails, this is not taken back: ${effect}`),
  ];
}

const placeOf = ({ step, operation, slug, object }: PlannedWrite): string =>
  `step ${String(step)}, ${operation} of ${object} in ${slug}`;

/** Pure: how far taking back is, and who has to do what; for whoever asks for the status. */
export function takeBackText(takeBacks: readonly TakeBack[]): string {
  const stuck = takeBacks.find(({ state }) => state === 'needs_human');
  if (stuck !== undefined) {
    const earlier = takeBacks.some(({ state }) => state === 'waiting') ? ' Earlier steps wait for that.' : '';
    return `A person has to look at step ${String(stuck.step)}: ${whyText(stuck)}${earlier} \`gantry plans take-back\` compares again, or leaves it.`;
  }
  const open = takeBacks.filter(({ state }) => state !== 'done' && state !== 'left').map(({ step }) => String(step));
  if (open.length > 0) return `What was written is being taken back: ${named(open)} to go.`;
  const left = takeBacks.filter(({ state }) => state === 'left');
  if (left.length === 0) return 'What was written is taken back.';
  return `A person left what stands there of ${named(left.map(({ step }) => String(step)))}; the rest is taken back.`;
}

const named = (steps: readonly string[]): string => `${steps.length === 1 ? 'step' : 'steps'} ${steps.join(', ')}`;

/** Pure: what stands there still, in the first words of it. */
export function whyText({ remains }: Pick<TakeBack, 'remains'>): string {
  const [first] = remains;
  if (first === undefined) return 'something of it stands there still.';
  return remains.length === 1 ? first.why : `${first.why} And ${String(remains.length - 1)} more.`;
}

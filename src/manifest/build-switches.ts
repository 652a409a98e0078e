import { limits } from '../kernel/index.ts';
import { secondsIn } from './ages.ts';
import type { Reporter, YamlDocument } from './document.ts';
import type { RawSwitch } from './shapes/switch-shape.ts';
import type { SwitchLimit, SwitchTrigger } from './switch-types.ts';

interface SwitchContext {
  readonly document: YamlDocument;
  readonly report: Reporter;
}

/** The `switches` block of a policy file. */
export function buildSwitches(raw: Readonly<Record<string, RawSwitch>>, context: SwitchContext): SwitchTrigger[] {
  const entries = Object.entries(raw);
  if (entries.length > limits.switchTriggersMax) {
    context.report({
      code: 'manifest_value_invalid',
      path: ['switches'],
      message: `There are ${String(entries.length)} triggers; at most ${String(limits.switchTriggersMax)} are taken.`,
    });
  }
  return entries.flatMap(([name, trigger]) => {
    const limit = limitOf(name, trigger, context);
    const withinMs = secondsIn(trigger.within) * 1_000;
    if (withinMs < limits.switchWindowMinMs || withinMs > limits.switchWindowMaxMs) {
      context.report({
        code: 'manifest_value_invalid',
        path: ['switches', name, 'within'],
        message: `\`${trigger.within}\` is not between a minute and 31 days.`,
        fix: 'Write a time such as 15m, 4h or 2d.',
      });
    }
    if (limit === null) return [];
    const { why = null, per, mode = 'stop_writes' } = trigger;
    return [{ name, why, per, withinMs, limit, mode, at: context.document.mark(['switches', name], 'key') }];
  });
}

/** Null: told. */
function limitOf(name: string, { failed, records, amount }: RawSwitch, { report }: SwitchContext): SwitchLimit | null {
  const said: SwitchLimit[] = [];
  if (failed !== undefined) said.push({ kind: 'failed', share: failed.share, least: failed.of_at_least });
  if (records !== undefined) said.push({ kind: 'records', most: records });
  if (amount !== undefined) said.push({ kind: 'amount', most: amount });
  const [only, second] = said;
  if (only !== undefined && second === undefined) return only;
  report({
    code: only === undefined ? 'manifest_key_missing' : 'manifest_value_invalid',
    path: ['switches', name],
    at: 'key',
    message:
      second === undefined
        ? `Nothing says when \`${name}\` stops anything.`
        : `\`${name}\` says more than one thing, and nobody could tell which of them stopped it.`,
    fix: 'Write one of `failed`, `records` and `amount`; another trigger for each further one.',
  });
  return null;
}

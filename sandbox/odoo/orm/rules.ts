import { OdooError } from '../errors.ts';
import type { Operation } from '../schema/model.ts';
import { modelOf, type Env } from './env.ts';
import { ruleTest } from './match.ts';

/** Throws an AccessError for the first record that the rules hide (odoo/addons/base/models/ir_rule.py). */
export function checkRules(env: Env, model: string, ids: readonly number[], operation: Operation): void {
  const visible = ruleTest(env, model, operation);
  if (ids.every(visible)) return;
  const def = modelOf(env, model);
  const message =
    env.org.version >= 17
      ? `Uh-oh! Looks like you have stumbled upon some top-secret records.\n\nSorry, ${env.user.name} (id=${env.user.uid}) ` +
        `doesn't have '${operation}' access to:\n- ${def.name} (${model})\n\nIf you really, really need access, perhaps ` +
        'you can win over your friendly administrator with a batch of freshly baked cookies.'
      : `Due to security restrictions, you are not allowed to access '${def.name}' (${model}) records.\n\n` +
        'Contact your administrator to request access if necessary.';
  throw new OdooError('access', message);
}

import { createAgentKey, listAgentKeys, revokeAgentKey, rotateAgentKey } from '../../app/index.ts';
import { GantryError, limits, systemRandom } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withGantry } from '../with-gantry.ts';

const usage = 'key create --tenant SLUG --agent NAME [--label TEXT] [--expires-in-days N]';

export const keyCreate: Command = {
  name: 'key create',
  usage,
  summary: 'make a key for an agent at a tenant; printed once',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, usage, {
      tenant: { type: 'string' },
      agent: { type: 'string' },
      label: { type: 'string' },
      'expires-in-days': { type: 'string' },
    });
    const request = {
      tenant: required(read, 'tenant', usage),
      agent: required(read, 'agent', usage),
      label: String(read.values['label'] ?? ''),
      expiresInDays: daysIn(read.values['expires-in-days']),
    };
    const key = await withGantry(env, ({ db, revisions }) =>
      createAgentKey({ db, revisions, random: systemRandom }, request),
    );
    out(key);
    return 0;
  },
};

const listUsage = 'key list --tenant SLUG';

export const keyList: Command = {
  name: 'key list',
  usage: listUsage,
  summary: 'the keys of a tenant: id, agent, state, label',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, listUsage, { tenant: { type: 'string' } });
    const keys = await withGantry(env, ({ db }) => listAgentKeys(db, required(read, 'tenant', listUsage)));
    for (const { id, agent, state, createdAt, expiresAt, lastUsedAt, label } of keys) {
      const ends = expiresAt === null ? [] : [`until ${minute(expiresAt)}`];
      const used = lastUsedAt === null ? 'never used' : `used ${minute(lastUsedAt)}`;
      out([id, agent, state, `created ${minute(createdAt)}`, ...ends, used, label].join('  ').trimEnd());
    }
    return 0;
  },
};

const minute = (at: Date): string => `${at.toISOString().slice(0, 16)}Z`;

const rotateUsage = 'key rotate ID --tenant SLUG [--overlap-hours N]';

export const keyRotate: Command = {
  name: 'key rotate',
  usage: rotateUsage,
  summary: 'make a new key in the place of another, which stays good for a while; printed once',
  run: async ({ args, env, out }) => {
    const options = { tenant: { type: 'string' }, 'overlap-hours': { type: 'string' } } as const;
    const read = readArguments(args, rotateUsage, options, 1);
    const tenant = required(read, 'tenant', rotateUsage);
    const [id = ''] = read.positionals;
    const overlapHours = Number(read.values['overlap-hours'] ?? limits.keyOverlapDefaultHours);
    const { key, previousUntil } = await withGantry(env, ({ db }) =>
      rotateAgentKey({ db, random: systemRandom }, { tenant, id, overlapHours }),
    );
    out(key);
    out(`The one before is good until ${minute(previousUntil)}.`);
    return 0;
  },
};

const revokeUsage = 'key revoke ID --tenant SLUG';

export const keyRevoke: Command = {
  name: 'key revoke',
  usage: revokeUsage,
  summary: 'take a key back, at once and in all processes',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, revokeUsage, { tenant: { type: 'string' } }, 1);
    const tenant = required(read, 'tenant', revokeUsage);
    const [id = ''] = read.positionals;
    const key = await withGantry(env, ({ db }) => revokeAgentKey(db, tenant, id));
    out(`Key ${key.id} of ${key.agent} is revoked.`);
    return 0;
  },
};

function daysIn(value: string | boolean | undefined): number | null {
  if (value === undefined) return null;
  const days = Number(value);
  if (Number.isInteger(days) && days > 0) return days;
  throw new GantryError('bad_request', {
    message: `"${String(value)}" is not a whole number of days.`,
    where: '--expires-in-days',
    fix: `Usage: gantry ${usage}`,
  });
}

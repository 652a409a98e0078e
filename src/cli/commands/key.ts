import { createAgentKey, listAgentKeys, revokeAgentKey, rotateAgentKey, type AgentKey } from '../../app/index.ts';
import { GantryError, limits, systemRandom, type Json, type JsonObject } from '../../kernel/index.ts';
import { readArguments, required } from '../arguments.ts';
import type { Command } from '../command.ts';
import { byDatabaseOrServer } from '../by-database-or-server.ts';
import { rowsIn, said } from '../object-text.ts';
import { askServer } from '../operator-client.ts';

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
    const { tenant, agent, label, expiresInDays } = request;
    const key = await byDatabaseOrServer(
      env,
      ({ db, revisions }) => createAgentKey({ db, revisions, random: systemRandom }, request),
      async () => {
        const ends = expiresInDays === null ? {} : { expires_in_days: expiresInDays };
        const body = { tenant, agent, label, ...ends };
        return said((await askServer(env, { method: 'POST', path: '/v1/agent-keys', body }))['key']);
      },
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
    const tenant = required(read, 'tenant', listUsage);
    const lines = await byDatabaseOrServer(
      env,
      async ({ db }) => (await listAgentKeys(db, tenant)).map(keyLine),
      async () => {
        const { keys } = await askServer(env, { method: 'GET', path: `/v1/agent-keys?${query(tenant)}` });
        return rowsIn(keys).map((row) => keyLine(keyFrom(row)));
      },
    );
    for (const line of lines) out(line);
    return 0;
  },
};

type ListedKey = Omit<AgentKey, 'state'> & { readonly state: string };

function keyLine({ id, agent, state, createdAt, expiresAt, lastUsedAt, label }: ListedKey): string {
  const ends = expiresAt === null ? [] : [`until ${minute(expiresAt)}`];
  const used = lastUsedAt === null ? 'never used' : `used ${minute(lastUsedAt)}`;
  return [id, agent, state, `created ${minute(createdAt)}`, ...ends, used, label].join('  ').trimEnd();
}

function keyFrom(row: JsonObject): ListedKey {
  const moment = (value: Json | undefined): Date | null => (typeof value === 'string' ? new Date(value) : null);
  return {
    id: said(row['id']),
    agent: said(row['agent']),
    label: said(row['label']),
    state: said(row['state']),
    createdAt: moment(row['created_at']) ?? new Date(0),
    expiresAt: moment(row['expires_at']),
    lastUsedAt: moment(row['last_used_at']),
  };
}

const minute = (at: Date): string => `${at.toISOString().slice(0, 16)}Z`;
const query = (tenant: string): string => new URLSearchParams({ tenant }).toString();

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
    const { key, previousUntil } = await byDatabaseOrServer(
      env,
      ({ db }) => rotateAgentKey({ db, random: systemRandom }, { tenant, id, overlapHours }),
      async () => {
        const path = `/v1/agent-keys/${encodeURIComponent(id)}/rotate`;
        const made = await askServer(env, {
          method: 'POST',
          path,
          body: { tenant, overlap_hours: overlapHours },
        });
        const { key: fresh, previous_until: until } = made;
        return { key: said(fresh), agent: said(made['agent']), previousUntil: new Date(said(until)) };
      },
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
    const key = await byDatabaseOrServer(
      env,
      async ({ db }) => revokeAgentKey({ db, random: systemRandom }, tenant, id),
      async () => {
        const path = `/v1/agent-keys/${encodeURIComponent(id)}?${query(tenant)}`;
        const ended = await askServer(env, { method: 'DELETE', path });
        return { id: said(ended['id']), agent: said(ended['agent']) };
      },
    );
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

import { createTenant } from '../../app/index.ts';
import { GantryError } from '../../kernel/index.ts';
import { listTenants } from '../../store/index.ts';
import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withGantry } from '../with-gantry.ts';

const createUsage = 'tenant create <slug>';

export const tenantCreate: Command = {
  name: 'tenant create',
  usage: createUsage,
  summary: 'add a customer',
  run: async ({ args, env, out }) => {
    const slug = readArguments(args, createUsage, {}, 1).positionals[0];
    if (slug === undefined) {
      throw new GantryError('bad_request', { message: 'The slug is missing.', fix: `Usage: gantry ${createUsage}` });
    }
    await withGantry(env, (gantry) => createTenant(gantry.db, slug));
    out(`Tenant ${slug} created.`);
    return 0;
  },
};

export const tenantList: Command = {
  name: 'tenant list',
  usage: 'tenant list',
  summary: 'the customers there are',
  run: async ({ args, env, out }) => {
    readArguments(args, 'tenant list', {});
    for (const row of await withGantry(env, (gantry) => listTenants(gantry.db))) out(row.slug);
    return 0;
  },
};

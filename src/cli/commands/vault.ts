import { readArguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { askServer } from '../operator-client.ts';

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

const said = (count: number): string => count.toLocaleString('en');

export const vaultStatus: Command = {
  name: 'vault status',
  usage: 'vault status [--json]',
  summary: 'how the keys stand under which secrets are sealed',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, 'vault status [--json]', { json: { type: 'boolean' } });
    const answer = await askServer(env, { method: 'GET', path: '/v1/vault' });
    if (read.values['json'] === true) {
      out(JSON.stringify(answer));
      return 0;
    }
    const master = answer['master_key'];
    const count = (name: string): number => number(answer[name]);
    const unreadable = count('unreadable');
    out(
      `Master key ${typeof master === 'string' ? master : '?'}; ${said(count('data_keys'))} data keys of ${said(count('tenants'))} tenants.`,
    );
    if (unreadable > 0) {
      out(`${said(unreadable)} data keys do not open: the master key that they were wrapped under is not given.`);
      out('Connections of their tenants cannot be renewed; what is in the replica answers on. See docs/security.md.');
    }
    if (count('under_other_master') > 0)
      out(`${said(count('under_other_master'))} are still wrapped under another master key: gantry vault rotate`);
    if (count('sealed_under_older') > 0)
      out(`${said(count('sealed_under_older'))} secrets are sealed under older data keys: gantry vault rotate`);
    return unreadable === 0 ? 0 : 1;
  },
};

const rotateUsage = 'vault rotate [--data-keys]';

/** In portions, so that no call lasts; begun anew after an interruption it does what is left. */
export const vaultRotate: Command = {
  name: 'vault rotate',
  usage: rotateUsage,
  summary: 'wrap every data key under the present master key; --data-keys: new ones too, and all secrets sealed anew',
  run: async ({ args, env, out }) => {
    const read = readArguments(args, rotateUsage, { 'data-keys': { type: 'boolean' } });
    const dataKeys = read.values['data-keys'] === true;
    const sums = { tenants: 0, rewrapped: 0, resealed: 0, unreadable: 0 };
    let after: number | null = null;
    do {
      const body = { data_keys: dataKeys, ...(after === null ? {} : { after }) };
      const done = await askServer(env, { method: 'POST', path: '/v1/vault/rotate', body });
      sums.tenants += number(done['tenants']);
      sums.rewrapped += number(done['rewrapped']);
      sums.resealed += number(done['resealed']);
      sums.unreadable += number(done['unreadable']);
      after = typeof done['next'] === 'number' ? done['next'] : null;
    } while (after !== null);
    out(
      `${String(sums.tenants)} tenants: ${String(sums.rewrapped)} data keys wrapped anew, ${String(sums.resealed)} secrets sealed anew.`,
    );
    if (sums.unreadable > 0) out(`${String(sums.unreadable)} keys or secrets do not open and were left as they are.`);
    return sums.unreadable === 0 ? 0 : 1;
  },
};

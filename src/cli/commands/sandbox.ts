import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GantryError } from '../../kernel/index.ts';
import type { Command } from '../command.ts';

/** A program of its own that shares no code with Gantry, so it is started, not imported. */
export const sandbox: Command = {
  name: 'sandbox',
  usage:
    'sandbox salesforce|zendesk|odoo|google_calendar [--company acme|globex] [--port N] [--seed N] [--scale N] [--anchor ISO] ' +
    '[--redirect-uri URL] [--ledger FILE] [--json] [--odoo-version 19|17|14] [--wide N] [--long-texts] [--without-marker] ' +
    '[--certificate FILE] [--pubsub-port N] [--users N]',
  summary: 'run a customised org to rehearse against, over real HTTP with real OAuth',
  run: ({ args, untilAsked }) => {
    const source = new URL('../../../sandbox/main.ts', import.meta.url);
    const fromSource = existsSync(source);
    const entry = fileURLToPath(fromSource ? source : new URL('../../../sandbox/main.js', import.meta.url));
    const loader = fromSource ? ['--import', import.meta.resolve('tsx')] : [];
    const child = spawn(process.execPath, [...loader, entry, ...args], { stdio: 'inherit' });
    void untilAsked().then(() => child.kill('SIGTERM'));
    return new Promise((resolve, reject) => {
      child.once('error', (cause) =>
        reject(new GantryError('internal', { message: 'The sandbox did not start.', cause })),
      );
      child.once('close', (code) => resolve(code ?? 0));
    });
  },
};

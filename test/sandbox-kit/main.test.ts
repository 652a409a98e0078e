import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const running: ChildProcess[] = [];
/** Runs before the sandbox in its process, which then takes its pipe for a terminal. */
const TERMINAL = 'data:text/javascript,process.stdout.isTTY=true';

function start(args: readonly string[], loaders: readonly string[] = []): ChildProcess {
  const imports = [...loaders, 'tsx'].flatMap((loader) => ['--import', loader]);
  const child = spawn(process.execPath, [...imports, 'sandbox/main.ts', ...args], { cwd: root });
  running.push(child);
  return child;
}

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});

describe('the README of the kit', () => {
  it('names every control call', async () => {
    const readme = await readFile(`${root}/sandbox/kit/README.md`, 'utf8');
    const sources = ['control.ts', 'delivery/delivery-controls.ts'].map((file) =>
      readFile(`${root}/sandbox/kit/${file}`, 'utf8'),
    );
    const calls = (await Promise.all(sources)).flatMap((source) =>
      [...source.matchAll(/^ {2}'(?:GET|POST|DELETE) ([a-z/]+)': /gm)].map(([, name]) => name ?? ''),
    );
    expect(calls.length).toBeGreaterThan(18);
    const isNamed = (name: string): boolean =>
      [` ${name}\``, `\`${name.split('/').at(-1) ?? ''}\``].some((text) => readme.includes(text));
    expect(calls.filter((name) => !isNamed(name))).toEqual([]);
  });
});

/** Everything on stdout until `last` is there. */
async function said(child: ChildProcess, last: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (last.test(text)) return text;
  }
  throw new Error(`the sandbox ended after: ${text}`);
}

async function refusal(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const child = start(args);
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...texts };
}

const small = ['--scale', '2000', '--port', '0'];

describe('on a terminal', () => {
  it.each([
    ['salesforce', 'CRM'],
    ['zendesk', 'SUPPORT'],
  ])('%s says how to sign in and how to point Gantry at it, and it is true', async (provider, name) => {
    const text = await said(start([provider, ...small], [TERMINAL]), /--json.*\n/);
    const after = (label: string): string => new RegExp(`${label}[ =]+(\\S+)`).exec(text)?.[1] ?? '';
    const health = (await (await fetch(`${after('address')}/__sandbox/health`)).json()) as {
      readonly url: string;
      readonly oauth: { readonly clientId: string; readonly clientSecret: string; readonly redirectUris: string[] };
      readonly users: readonly { readonly username: string; readonly password: string; readonly role: string }[];
    };
    expect([after('client id'), after('client secret')]).toEqual([health.oauth.clientId, health.oauth.clientSecret]);
    expect([
      after(`export GANTRY_APP_${name}_CLIENT_ID`),
      after(`export GANTRY_APP_${name}_CLIENT_SECRET`),
      after(`export GANTRY_APP_${name}_LOGIN_URL`),
    ]).toEqual([health.oauth.clientId, health.oauth.clientSecret, health.url]);
    for (const uri of health.oauth.redirectUris) expect(text).toContain(uri);
    for (const role of ['admin', 'user']) {
      const user = health.users.find((each) => each.username === after(`  ${role}`));
      expect(user).toMatchObject({ role, active: true });
      expect(text).toContain(`${user?.username}  password ${user?.password}\n`);
    }
  });

  it('odoo says which key opens it, and it does', async () => {
    const text = await said(start(['odoo', ...small, '--company', 'globex'], [TERMINAL]), /--json.*\n/);
    const after = (label: string): string => new RegExp(`${label} +(\\S+)`).exec(text)?.[1] ?? '';
    const answer = await fetch(`${after('address')}/json/2/res.users/context_get`, {
      method: 'POST',
      headers: { authorization: `bearer ${after("admin's key")}`, 'x-odoo-database': after('database') },
    });
    expect(await answer.json()).toMatchObject({ uid: 2 });
    expect(text).toContain(`${after('  admin')}  password admin-sandbox\n`);
    expect(text).toContain('the made-up customer globex');
  });

  it('prints the JSON line where it is asked for', async () => {
    const text = await said(start(['zendesk', ...small, '--json'], [TERMINAL]), /\n/);
    expect(JSON.parse(text)).toMatchObject({ ready: true, provider: 'zendesk', scale: 2_000 });
  });
});

describe('elsewhere', () => {
  it('prints one JSON line', async () => {
    const text = await said(start(['zendesk', ...small, '--anchor', '2026-01-31']), /\n/);
    expect(text.split('\n')).toHaveLength(2);
    expect(JSON.parse(text)).toMatchObject({ ready: true, anchor: '2026-01-31T00:00:00.000Z', seed: 1 });
  });
});

describe('an option that cannot be used', () => {
  it.each([
    [['--port', '99999'], '--port must be a whole number from 0 to 65535, not "99999"'],
    [['--port', ''], '--port must be a whole number from 0 to 65535, not ""'],
    [['--scale', 'abc'], '--scale must be a whole number from 2000 to 1000000, not "abc"'],
    [['--scale', '1999'], '--scale must be a whole number from 2000 to 1000000, not "1999"'],
    [['--company', 'initech'], '--company must be acme or globex, not "initech"'],
    [['--odoo-version', '17'], '--odoo-version is an option of odoo only'],
    [['--seed', 'x'], '--seed must be a whole number, not "x"'],
    [['--anchor', 'nonsense'], '--anchor must be a date such as 2026-01-31 or 2026-01-31T08:30:00Z, not "nonsense"'],
    [
      ['--anchor', '2026-02-31'],
      '--anchor must be a date such as 2026-01-31 or 2026-01-31T08:30:00Z, not "2026-02-31"',
    ],
    [
      ['--redirect-uri', 'callback'],
      '--redirect-uri must be an address such as http://127.0.0.1:7070/oauth/callback, not "callback"',
    ],
  ])('%j ends it with one line that names it', async (args, line) => {
    expect(await refusal(['salesforce', ...args])).toEqual({ code: 1, out: '', err: `sandbox: ${line}\n` });
  });

  it('is a port that another process has', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, err } = await refusal(['zendesk', '--scale', '2000', '--port', String(port)]);
    other.close();
    expect([code, err]).toEqual([
      1,
      `sandbox: --port ${port} is taken by another process; name another, or 0 for a free one\n`,
    ]);
  });

  it('is a provider that there is not', async () => {
    expect(await refusal(['hubspot'])).toMatchObject({
      code: 1,
      err: 'sandbox: name one provider: salesforce, zendesk, google_calendar or odoo\n',
    });
  });
});
